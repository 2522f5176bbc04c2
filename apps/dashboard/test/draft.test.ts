import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlanRequest } from "../src/api/types";
import { intending, tilting, tilts } from "../src/portfolio/draft";
import { draftOf, requestOf } from "../src/portfolio/wire";

const asset = (name: string): PlanRequest["assets"][number] => ({
  asset: name,
  target_weight: 0.25,
  current_weight: 0.25,
  historical_returns: [0.01, -0.01],
});
const request: PlanRequest = {
  name: "Limits",
  portfolio_value: 1e6,
  method: "optimal",
  optimization: {
    goal: "mean_variance",
    risk_aversion: 7.5,
    lower: [0, 0.05, 0, 0],
    upper: 0.4,
    cash_min: 0,
    cash_max: 0.02,
    tracking_error_max: 0.03,
    trade_max: [0.1, 2, 2, 2],
    market_impact: [0, 0.2, 0, 0],
    groups: [{ name: "pair", members: [1, 3], lower: 0.1, upper: 0.6 }],
    exposures: [{ name: "duration", loadings: [1, 2, 3, 4], lower: 0, upper: 3 }],
    restrictions: [{ asset: 2, kind: "locked" }],
  },
  assets: ["A", "B", "C", "D"].map(asset),
};

test("the periods of a path come back as they were read, and go with their method alone", () => {
  const path = { periods: 6, forecast_half_life: 1.5, cash_flows: [50000, 0, -20000.5] };
  const several = { ...request, method: "multi_period" as const, optimization: { ...request.optimization, path } };
  const draft = draftOf(several);
  assert.deepEqual(requestOf(draft).optimization, several.optimization);
  assert.equal(requestOf({ ...draft, method: "optimal" }).optimization?.path, undefined);
  // What is no number is refused where it was typed.
  assert.deepEqual(requestOf({ ...draft, cashFlows: "1, x" }).optimization?.path?.cash_flows, [1, "x"]);
});

test("the limits of the optimal method come back as they were read", () => {
  assert.deepEqual(requestOf(draftOf(request)).optimization, request.optimization);
  assert.equal(requestOf(draftOf(request)).method, "optimal");
});

test("reference, metadata and identifiers come back as they were read", () => {
  const labels = { client_reference: "order 7", metadata: { desk: "a" } };
  const identifiers = { isin: "US0378331005", ticker: "AAPL" };
  const sent = requestOf(draftOf({ ...request, ...labels, assets: [{ ...asset("A"), identifiers }, asset("B")] }));
  assert.deepEqual([sent.client_reference, sent.metadata], [labels.client_reference, labels.metadata]);
  assert.deepEqual(
    sent.assets.map((row) => row.identifiers),
    [identifiers, undefined],
  );
  const bare = requestOf(draftOf(request));
  assert.ok(!("client_reference" in bare) && !("metadata" in bare));
});

test("limits follow their assets when rows move or go", () => {
  const draft = draftOf(request);
  const [a, b, c, d] = draft.assets;
  assert.ok(a && b && c && d);
  const { optimization } = requestOf({ ...draft, assets: [d, b, a] });
  assert.deepEqual(optimization?.lower, [0, 0.05, 0]);
  assert.deepEqual(optimization?.trade_max, [2, 2, 0.1]);
  assert.deepEqual(optimization?.market_impact, [0, 0.2, 0]);
  assert.deepEqual(optimization?.groups?.[0]?.members, [1, 0]);
  assert.deepEqual(optimization?.exposures?.[0]?.loadings, [4, 2, 1]);
  assert.equal(optimization?.restrictions, undefined);
});

test("two restrictions on one asset are one lock, and neither is dropped", () => {
  const both = {
    ...request.optimization,
    restrictions: ["do_not_buy", "do_not_sell"].map((kind) => ({ asset: 2, kind }) as never),
  };
  const sent = requestOf(draftOf({ ...request, optimization: both })).optimization?.restrictions;
  assert.deepEqual(sent, [{ asset: 2, kind: "locked" }]);
});

test("the drift method sends neither method nor limits", () => {
  const drift = requestOf({ ...draftOf(request), method: "drift" });
  assert.equal(drift.method, undefined);
  assert.equal(drift.optimization, undefined);
});

test("selling everything leaves out the limits nobody changed, and keeps those that were typed", () => {
  const limits = (draft: ReturnType<typeof draftOf>): unknown[] => {
    const { drift_threshold, turnover_limit } = requestOf(draft);
    return [drift_threshold, turnover_limit];
  };
  const usual = draftOf({ ...request, method: "drift" });
  const selling = { ...usual, ...intending(usual, "liquidate") };
  assert.deepEqual(limits(selling), [undefined, undefined]);
  assert.deepEqual(limits({ ...selling, ...intending(selling, "rebalance") }), [0.02, 0.2]);
  const typed = { ...usual, turnover: "5" };
  assert.deepEqual(limits({ ...typed, ...intending(typed, "liquidate") }), [undefined, 0.05]);
  assert.deepEqual(limits(draftOf({ portfolio_value: 1, liquidate: true })), [undefined, undefined]);
  assert.deepEqual(limits(draftOf({ portfolio_value: 1, liquidate: true, turnover_limit: 0.2 })), [undefined, 0.2]);
});

test("the switch of the tilt sets a budget and leaves one that was typed", () => {
  for (const off of ["", "0", "0.0", " "]) {
    assert.equal(tilts({ trackingError: off }), false, off);
    assert.equal(tilting({ trackingError: off }, true).trackingError, "1");
    assert.equal(tilting({ trackingError: off }, false).trackingError, off);
  }
  assert.equal(tilting({ trackingError: "2.5" }, true).trackingError, "2.5");
  assert.equal(tilts(tilting({ trackingError: "2.5" }, false)), false);
});
