import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyAsset, emptyDraft, withoutBook, type Draft } from "../src/portfolio/draft";
import { enteredBy, holdingsOf } from "../src/portfolio/holdings";
import { requestOf } from "../src/portfolio/wire";

const household: Draft = {
  ...emptyDraft(),
  cash: "8,431.22",
  assets: (
    [
      ["VTI", "212", "287.31", "45"],
      ["VXUS", "340", "64.02", "20"],
      ["BND", "500", "73.44", "25"],
      ["GLD", "40", "243.18", "5"],
      ["BTC", "0.15", "67500", "5"],
    ] as const
  ).map(([asset, quantity, price, target]) => emptyAsset({ asset, quantity, price, target, lot: asset === "BTC" ? "" : "1" })),
};

test("units, prices and cash give NAV and weights", () => {
  const held = holdingsOf(household);
  assert.equal(held.nav.toFixed(2), "147679.94");
  assert.equal(((held.rows.get(household.assets[0]?.key ?? 0)?.weight ?? 0) * 100).toFixed(2), "41.24");
  assert.equal((held.cash / held.nav).toFixed(4), "0.0571");
  assert.deepEqual(held.unknown, []);
});

test("a row whose price is open is named, and one outside the book does not count", () => {
  const [first, second, ...rest] = household.assets;
  assert.ok(first && second);
  const draft = { ...household, assets: [{ ...first, price: "287,310" }, { ...second, lock: "excluded" as const }, ...rest] };
  const held = holdingsOf(draft);
  assert.deepEqual(held.unknown, [1]);
  assert.equal(held.nav.toFixed(2), (147679.94 - 212 * 287.31 - 340 * 64.02).toFixed(2));
});

test("the request states units, prices, lots and cash, and no value of its own", () => {
  const request = requestOf({ ...household, value: "1000000" });
  assert.equal(request.portfolio_value, undefined);
  assert.equal(request.cash, 8431.22);
  assert.deepEqual(request.assets[4], { asset: "BTC", target_weight: 0.05, quantity: 0.15, price: 67500 });
  assert.equal(request.assets[0]?.lot_size, 1);
});

test("switching to weights carries over what is known, and back loses nothing", () => {
  const weights = { ...household, ...enteredBy(household, "weights") };
  const request = requestOf(weights);
  assert.equal(request.portfolio_value, 147679.94);
  assert.equal(request.assets[0]?.current_weight, 0.412444);
  assert.equal(request.weight_policy, "cash_remainder");
  const back = { ...weights, ...enteredBy(weights, "units") };
  assert.equal(back.assets[0]?.quantity, "212");
  assert.equal(Math.abs(Number(back.cash) - 8431.22) < 1, true);
});

// Page fault 3
test("another book takes over settings, and neither value nor title of the one before", () => {
  const next = withoutBook({ ...household, name: "Old", value: "1000000", turnover: "40", intent: "liquidate", cashTarget: "2" });
  assert.deepEqual([next.name, next.value, next.cash, next.cashTarget, next.intent], ["", "", "", "", "rebalance"]);
  assert.equal(next.turnover, "40");
  assert.deepEqual(next.assets, []);
});
