import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelShadow } from "../src/api/types";
import { footing, rowsOf } from "../src/display/challengers";

const digest = "0".repeat(64);
const shadow = {
  id: "ensemble_v3",
  purpose: "expected_return",
  champion: { id: "ensemble_v3", version: "3.0.0", digest },
  challengers: [
    {
      challenger: { id: "boosted_trees_1", version: "1.0.0", digest },
      plans: 96,
      refused: 0,
      plans_with_other_trades: 3,
      scored: 72,
      in_hindsight: 0,
      comparisons: [
        {
          loss: "squared_error",
          plans: 72,
          champion: 0.000152,
          challenger: 0.000151,
          difference_lower: -0.000003,
          difference_upper: 0.000001,
          horizon: 4,
          p_value: 0.31,
          verdict: "not distinguishable",
          reason: null,
        },
        {
          loss: "negative_net_return",
          plans: 4,
          champion: -1.5,
          challenger: -1.25,
          difference_lower: null,
          difference_upper: null,
          horizon: null,
          p_value: null,
          verdict: null,
          reason: "too_few_plans",
        },
      ],
      coverage: null,
    },
  ],
  trials: 2,
  level: 0.05,
} as unknown as ModelShadow;

test("a comparison is told with its interval and its verdict, or why it has none", () => {
  const [tested, untested] = rowsOf(shadow);
  assert.deepEqual(tested, {
    challenger: "boosted_trees_1 1.0.0",
    loss: "Squared error of the forecasts",
    plans: "72",
    champion: "1.52e-4",
    own: "1.51e-4",
    interval: "-3.00e-6 to 1.00e-6",
    verdict: "not distinguishable",
  });
  assert.equal(untested?.interval, "");
  assert.equal(untested?.verdict, "no test: fewer than ten plans have an outcome");
});

test("the footing names champion, runs and trials", () => {
  const told = footing(shadow);
  assert.match(told, /Champion ensemble_v3 3\.0\.0; boosted_trees_1 on 96 plans \(72 scored\)/);
  assert.match(told, /2 comparisons at 5%/);
  assert.match(footing({ ...shadow, challengers: [] }), /No challenger of ensemble_v3 has run/);
});
