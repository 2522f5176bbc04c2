import assert from "node:assert/strict";
import { test } from "node:test";
import type { HistoricalScenario, Plan, PlanRequest, ReverseScenario } from "../src/api/types";
import { partsOf, reverseSentence, scaleOf, scenarioRequest } from "../src/display/scenarios";

const scenario = (profits: Record<string, number>): HistoricalScenario => ({
  id: "2008",
  name: "Global financial crisis",
  start: "2007-10-09",
  end: "2009-03-09",
  profit_and_loss: 0,
  return: 0,
  by_asset: Object.entries(profits).map(([asset, profit_and_loss]) => ({ asset, profit_and_loss })),
  worst_point: null,
  covered_weight: 1,
});

test("losses lie left of zero, gains right, on one scale", () => {
  const crisis = scenario({ A: -60, B: -15, C: 20 });
  const scale = scaleOf([crisis, scenario({ A: 25 })]);
  assert.deepEqual(scale, { zero: 0.75, width: 100 });
  assert.deepEqual(
    partsOf(crisis, scale).map((part) => [part.label, Math.round(100 * part.from), Math.round(100 * part.to)]),
    [
      ["A", 15, 75],
      ["C", 75, 95],
      ["B", 0, 15],
    ],
  );
  assert.deepEqual(partsOf(scenario({ A: 0 }), scaleOf([scenario({ A: 0 })])), []);
});

test("assets beyond five share a part on either side", () => {
  const many = scenario({ A: -60, B: -50, C: -40, D: -30, E: -20, F: -10, G: -5, H: 4 });
  const parts = partsOf(many, scaleOf([many]));
  assert.deepEqual(
    parts.map((part) => [part.label, part.profit]),
    [
      ["A", -60],
      ["B", -50],
      ["C", -40],
      ["D", -30],
      ["E", -20],
      ["2 others", -15],
      ["1 other", 4],
    ],
  );
});

test("only histories that say something of correlations are sent", () => {
  const history = (days: number): number[] => Array.from({ length: days }, (_, day) => 0.01 * ((day % 5) - 2));
  const request = {
    assets: [
      { asset: " A ", historical_returns: history(80) },
      { asset: "B", historical_returns: history(59) },
      { asset: "C", historical_returns: history(70) },
    ],
  } as unknown as PlanRequest;
  const plan = {
    portfolio_value: 1e5,
    weights: [
      { asset: "A", current_weight: 0.5 },
      { asset: "B", current_weight: 0.3 },
      { asset: "C", current_weight: 0.1 },
    ],
  } as unknown as Plan;
  const body = scenarioRequest(request, plan);
  assert.deepEqual(body.assets[1], { asset: "B", weight: 0.3 });
  assert.deepEqual(Object.keys(body.returns ?? {}), ["A", "C"]);
  assert.equal(body.returns?.["A"]?.length, 70);
  assert.deepEqual(body.reverse, { loss: 0.2 });
  const short = scenarioRequest({ assets: [request.assets[1]] } as unknown as PlanRequest, plan);
  assert.equal(short.returns, undefined);
  assert.equal(short.reverse, undefined);
});

test("reverse stress is a sentence with its numbers", () => {
  const reverse: ReverseScenario = {
    loss: 0.2,
    horizon_days: 21,
    mahalanobis_distance: 3.41,
    normal_probability: 0.000325,
    by_asset: [
      { asset: "Bonds", return: 0.01, profit_and_loss: 100 },
      { asset: "Stocks", return: -0.312, profit_and_loss: -900 },
    ],
    not_assessed: [{}],
  };
  const words = reverseSentence(reverse);
  assert.match(
    words,
    /^The move that most likely loses 20% within 21 days: Stocks −31\.2%, Bonds 1\.0%\. It is 3\.4 standard deviations/,
  );
  assert.match(words, /3\.3e−4|3\.2e−4/);
  assert.match(words, /stay as they are: 1 asset\./);
});
