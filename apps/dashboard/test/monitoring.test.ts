import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelMonitoring } from "../src/api/types";
import { counted, triggerRows } from "../src/display/monitoring";

const words = { measure: "coverage of the 90 % intervals", threshold: "outside 87 % to 93 %", action: "demote" };
const monitoring = (trigger: Partial<ModelMonitoring["triggers"][number]>): ModelMonitoring =>
  ({
    id: "ensemble_v3",
    version: "3.0.0",
    plans: 72,
    triggers: [{ ...words, observations: 0, value: null, has_fired: null, reason: null, ...trigger }],
  }) as ModelMonitoring;

test("a trigger says its figure in its unit, and what to do once it has fired", () => {
  const coverage = { figure: "next_return_coverage", lower: 0.87, upper: 0.93, observations: 660 } as const;
  const quiet = triggerRows(monitoring({ limit: coverage, value: 0.912, observations: 720, has_fired: false }));
  assert.deepEqual(quiet, [
    { measure: words.measure, threshold: words.threshold, now: "91.2%", observations: "720", state: "within its limit" },
  ]);
  const fired = triggerRows(monitoring({ limit: coverage, value: 0.8, observations: 720, has_fired: true }));
  assert.equal(fired[0]?.state, "fired: demote");
  const alarms = { figure: "loss_alarms", lower: null, upper: 0, observations: 20 } as const;
  assert.equal(triggerRows(monitoring({ limit: alarms, value: 2, observations: 40, has_fired: true }))[0]?.now, "2.00");
});

test("a trigger without a figure says why", () => {
  const few = triggerRows(monitoring({ observations: 3, reason: "too_few_observations" }))[0];
  assert.deepEqual([few?.now, few?.state], ["", "no figure: too few observations"]);
  const never = triggerRows(monitoring({ reason: "not_recorded" }))[0];
  assert.deepEqual([never?.observations, never?.state], ["", "no figure: no record gives it: a person has to look"]);
  assert.equal(
    counted(monitoring({})),
    "Monitoring triggers of ensemble_v3 3.0.0, over 72 plans with an outcome that came after them:",
  );
});
