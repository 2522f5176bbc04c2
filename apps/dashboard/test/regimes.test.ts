import assert from "node:assert/strict";
import { test } from "node:test";
import type { Regimes } from "../src/api/types";
import { sentences, turbulence } from "../src/display/regimes";

const fit = (changed: Partial<Regimes> = {}): Regimes =>
  ({
    filtered: [
      [0.9, 0.1],
      [0.25, 0.75],
    ],
    variances: [0.0001, 0.0004],
    expected_durations: [20, 4],
    predicted: [0.4, 0.6],
    predicted_uncertainty: 0.97,
    degenerate: false,
    ...changed,
  }) as Regimes;

test("the turbulent state is the one of the largest variance", () => {
  assert.deepEqual(turbulence(fit()), [0.1, 0.75]);
  assert.deepEqual(turbulence(fit({ filtered: [] })), []);
});

test("states are told with annual volatilities and how long they last", () => {
  const [states, coming] = sentences(fit());
  assert.match(states ?? "", /15\.9.*a year, lasting 20 days.*31\.7.*lasting 4 days/);
  assert.match(coming ?? "", /60.*97/);
});

test("a state that never ends has no duration, and no regimes are called so", () => {
  const told = sentences(fit({ expected_durations: [null, 4], degenerate: true }));
  assert.doesNotMatch(told[0] ?? "", /a year, lasting/);
  assert.match(told.at(-1) ?? "", /no regimes/);
});
