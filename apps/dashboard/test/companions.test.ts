import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Companions, frontierMissing } from "../src/companions";
import type { Plan, PlanRequest } from "../src/api/types";
import { NOT_OFFERED } from "../src/outcome";

const fetchOfNode = globalThis.fetch;
afterEach(() => (globalThis.fetch = fetchOfNode));

test("a frontier that is missing has its own reason", () => {
  assert.equal(frontierMissing(2, 3), undefined);
  assert.equal(frontierMissing(100, 101), undefined);
  assert.equal(frontierMissing(1, 250), "A frontier needs at least two assets.");
  assert.equal(frontierMissing(101, 250), "The page asks for a frontier of at most 100 assets.");
  assert.equal(frontierMissing(3, 1), "The histories have fewer than two common observations.");
  assert.match(frontierMissing(30, 30) ?? "", /^30 common observations of 30 assets say too little/);
});

/** What one asset with a long history lacks of a frontier, from a service that has these routes. */
async function frontierOfOneAsset(paths: object): Promise<unknown> {
  globalThis.fetch = (path) =>
    Promise.resolve(Response.json(path === "/openapi.json" ? { paths } : { contributions: { vol_ann: 0.1 } }));
  const request: PlanRequest = {
    portfolio_value: 1e5,
    assets: [{ asset: "A", target_weight: 1, current_weight: 1, historical_returns: [0.01, -0.02, 0.005] }],
  };
  const plan = { weights: [{}], metadata: {}, monte_carlo: {}, warnings: [] } as unknown as Plan;
  const { outcome, load } = new Companions().begin({ request, plan, reopened: false });
  await load(new AbortController().signal, () => undefined);
  return outcome.frontier;
}

test("a long history of one asset is not called short", async () => {
  const reason = "A frontier needs at least two assets.";
  assert.deepEqual(await frontierOfOneAsset({ "/api/optimizer/allocate": {} }), { state: "absent", reason });
});

test("a service without the route is the first reason", async () => {
  assert.deepEqual(await frontierOfOneAsset({}), { state: "absent", reason: NOT_OFFERED });
});
