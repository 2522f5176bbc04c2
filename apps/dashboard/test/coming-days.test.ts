import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelList, PlanRequest, Quantiles } from "../src/api/types";
import { attentionDays, questionOf, selectionRows, transformersOf } from "../src/display/coming-days";

test("the latest transformer is asked first", () => {
  const models = ["ensemble_v3", "boosted_trees_1", "transformer_1", "transformer_2"].map((id) => ({ id }));
  assert.deepEqual(transformersOf({ models } as unknown as ModelList), ["transformer_2", "transformer_1"]);
});

test("what is sent is the common end of the histories with its dates", () => {
  const request = {
    portfolio_value: 1000,
    dates: ["2026-01-05", "2026-01-06", "2026-01-07"],
    assets: [
      { asset: "A", target_weight: 0.5, current_weight: 0.5, historical_returns: [0.01, 0.02, 0.03] },
      { asset: "B", target_weight: 0.3, current_weight: 0.3, historical_returns: [0.02, 0.01] },
      { asset: "C", target_weight: 0.2, current_weight: 0.2 },
    ],
  } as PlanRequest;
  assert.deepEqual(questionOf(request, "transformer_1"), {
    assets: [
      { asset: "A", historical_returns: [0.02, 0.03] },
      { asset: "B", historical_returns: [0.02, 0.01] },
    ],
    quantiles: { trained_model: "transformer_1", dates: ["2026-01-06", "2026-01-07"] },
  });
  assert.match(String(questionOf({ ...request, dates: [] }, "transformer_1")), /without the dates/);
  assert.match(String(questionOf({ ...request, assets: [] }, "transformer_1")), /No asset has a history/);
});

test("weights are told largest first, and attention by the day that it falls on", () => {
  const explanation = {
    past_inputs: [
      { input: "return", weight: 0.2 },
      { input: "size", weight: 0.8 },
    ],
    known_inputs: [{ input: "weekday", weight: 1 }],
    // Three days up to the last one, and two coming ones.
    attention: [
      { days_ahead: 1, weights: [0.1, 0.2, 0.3, 0.4] },
      { days_ahead: 2, weights: [0.1, 0.2, 0.3, 0.3, 0.1] },
    ],
  };
  const quantiles = { explanation } as Quantiles;
  assert.deepEqual(
    selectionRows(quantiles).map(({ input, kind }) => [kind, input]),
    [
      ["past", "size"],
      ["past", "return"],
      ["known ahead", "weekday"],
    ],
  );
  assert.deepEqual(attentionDays(quantiles), [-2, -1, 0, 1, 2]);
});
