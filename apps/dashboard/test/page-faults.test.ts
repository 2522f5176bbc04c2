/** Faults of the page that need neither a browser nor a service; `tests/browser/README.md` lists where each of them is held. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { daysOf } from "../src/charts/days";
import type { Plan, PlanRequest } from "../src/api/types";
import { flagInWords, measureInWords } from "../src/decision/words";
import { datesOf } from "../src/display/statistics";
import { MAX_FILE_BYTES } from "../src/import/content";
import { emptyDraft } from "../src/portfolio/draft";
import { SETTINGS } from "../src/portfolio/parameters";
import { limitsInWords } from "../src/portfolio/verdict-levels";
import { draftOf, requestOf } from "../src/portfolio/wire";

// Page fault 8
test("a limit has one name, and no two limits share one", () => {
  for (const code of ["var_95", "turnover", "implausible_inputs"]) assert.equal(flagInWords(code), measureInWords(code));
  const measures = [
    "volatility",
    "var_95",
    "cvar_95",
    "tracking_error",
    "stress_loss",
    "concentration",
    "turnover",
    "data_shortfall",
  ].map(measureInWords);
  const labels = SETTINGS.flatMap((group) => group.parameters.map((parameter) => parameter.label));
  assert.equal(new Set([...measures, ...labels]).size, measures.length + labels.length);
});

// Page fault 8
test("the limits of the verdict are shown before a plan, and are sent where they are changed", () => {
  const draft = emptyDraft();
  assert.match(limitsInWords(draft), /two-way turnover 18% \/ 36%; largest weight 40% \/ 60%/);
  assert.equal(requestOf(draft).verdict_limits, undefined, "the service's own");
  const changed = { ...draft, turnoverCritical: "90", riskWarning: "30%", relaxations: "1", weightWarning: "" };
  const limits = { turnover: { critical_above: 0.9 }, risk_budget: { warning_above: 0.3 }, relaxations_max: 1 };
  assert.deepEqual(requestOf(changed).verdict_limits, limits);
  assert.match(limitsInWords(changed), /two-way turnover 18% \/ 90%; largest weight 40% \/ 60%/);
  const back = draftOf({ verdict_limits: limits } as Partial<PlanRequest>);
  assert.deepEqual([back.turnoverWarning, back.turnoverCritical, back.riskWarning, back.relaxations], ["18", "90", "30", "1"]);
});

// Page fault 19
test("a file may be as large as the service takes", () => {
  const base64 = 4 * Math.ceil(MAX_FILE_BYTES / 3);
  const most = 8 * 1024 * 1024;
  assert.ok(MAX_FILE_BYTES > 4 * 1024 * 1024 && base64 < most && base64 > 0.95 * most, String(base64));
});

// Page fault 23
test("limits that belong together stand in one row of the two columns", () => {
  const group = SETTINGS.find(({ columns }) => columns === "two");
  const members = group?.parameters.map(({ member }) => member) ?? [];
  for (const [smallest, largest] of [
    ["lower", "upper"],
    ["cashMin", "cashMax"],
  ] as const) {
    const at = members.indexOf(smallest);
    assert.ok(at >= 0 && at % 2 === 0 && members[at + 1] === largest, `${smallest} begins a row`);
  }
  assert.ok(
    group?.parameters.every(({ when }) => when === undefined),
    "a field that hides would move the others",
  );
});

test("a chart carries the dates that were sent, and counts days where none were", () => {
  const dates = ["2026-01-02", "2026-01-05", "2026-01-06", "2026-01-07"];
  const dated = daysOf(datesOf(dates, 3), 4);
  assert.deepEqual(
    [dated.period, dated.day(0), dated.day(3)],
    ["from 2026-01-05 to 2026-01-07", "before 2026-01-05", "2026-01-07"],
  );
  const counted = daysOf(datesOf([], 3), 4);
  assert.deepEqual([counted.period, counted.day(3)], ["over 3 trading days", "day 3"]);
  assert.deepEqual(datesOf(dates, 5), []);
});

test("a plan names its benchmark", async () => {
  const { benchmarkInWords, lossInMoney, METRICS } = await import("../src/decision/risk");
  const of = (benchmark: object): Plan =>
    ({ currency: "USD", portfolio_value: 1000, value_after: 990, benchmark }) as unknown as Plan;
  assert.equal(benchmarkInWords(of({ kind: "returns", name: "S&P 500 TR" })), "Benchmark: S&P 500 TR.");
  assert.equal(benchmarkInWords(of({ kind: "policy", name: null })), "Benchmark: the targets, rebalanced daily.");
  const metric = METRICS.find(({ key }) => key === "var_95");
  assert.ok(metric);
  assert.deepEqual(
    [lossInMoney(metric, 0.02, of({}), "before"), lossInMoney(metric, 0.02, of({}), "after")],
    ["20.00 USD", "19.80 USD"],
  );
});
