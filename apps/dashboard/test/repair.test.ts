import assert from "node:assert/strict";
import { test } from "node:test";
import type { LimitRelaxation } from "../src/api/types";
import { draftOf, requestOf } from "../src/portfolio/wire";
import { repaired } from "../src/portfolio/repair";

const draft = draftOf({
  portfolio_value: 1e6,
  method: "optimal",
  turnover_limit: 0.05,
  optimization: {
    upper: [0.3, 0.4],
    cash_max: 0,
    groups: [{ name: "both", members: [0, 1], lower: 0, upper: 0.5 }],
    exposures: [{ name: "duration", loadings: [1, 7], lower: -1, upper: 2 }],
  },
  assets: [
    { asset: "A", target_weight: 0.5, current_weight: 0.5 },
    { asset: "B", target_weight: 0.5, current_weight: 0.5 },
  ],
});
const relax = (limit: LimitRelaxation["limit"], from: number, to: number): LimitRelaxation => ({
  limit,
  from,
  to,
  by: Math.abs(to - from),
});

test("every limit that gives way is the one that is sent, and no other", () => {
  const next = {
    ...draft,
    ...repaired(draft, [
      relax({ kind: "turnover" }, 0.05, 0.081),
      relax({ kind: "upper", asset: 1 }, 0.4, 0.600001),
      relax({ kind: "cash_max" }, 0, 0.1),
      relax({ kind: "group_upper", name: "both" }, 0.5, 0.9),
      relax({ kind: "exposure_upper", name: "duration" }, 2, 2.5),
      relax({ kind: "tracking_error" }, 0.01, 0.0213),
    ]),
  };
  const request = requestOf(next);
  assert.equal(request.turnover_limit, 0.081);
  assert.deepEqual(request.optimization, {
    upper: [0.3, 0.600001],
    cash_max: 0.1,
    tracking_error_max: 0.0213,
    groups: [{ name: "both", members: [0, 1], lower: 0, upper: 0.9 }],
    exposures: [{ name: "duration", loadings: [1, 7], lower: -1, upper: 2.5 }],
  });
});

test("a repair that a request cannot ask for is not offered", () => {
  assert.equal(repaired(draft, [relax({ kind: "cash_min" }, 0, -0.1)]), undefined);
  assert.equal(repaired(draft, [relax({ kind: "lower", asset: 0 }, 0, -0.2)]), undefined);
  assert.equal(repaired(draft, [relax({ kind: "turnover" }, 0.05, 1.2)]), undefined);
  assert.equal(repaired(draft, [relax({ kind: "trade", asset: 0 }, 0.1, 0.2)]), undefined);
});
