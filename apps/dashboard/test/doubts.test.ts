import assert from "node:assert/strict";
import { test } from "node:test";
import { doubtOf } from "../src/portfolio/doubts";
import { emptyAsset, emptyDraft, type Draft } from "../src/portfolio/draft";
import { requestOf } from "../src/portfolio/wire";

function book(rows: readonly [name: string, target: string, current: string][], change: Partial<Draft> = {}): Draft {
  const assets = rows.map(([asset, target, current]) => emptyAsset({ asset, target, current }));
  return { ...emptyDraft(), entry: "weights", value: "100000", assets, ...change };
}
const after = (draft: Draft, label: RegExp): Draft => {
  const reading = doubtOf(draft)?.readings.find((r) => label.test(r.label));
  assert.ok(reading, `${label} of ${doubtOf(draft)?.question}`);
  return { ...draft, ...reading.change };
};

test("weights that sum to one raise no question", () => {
  assert.equal(
    doubtOf(
      book([
        ["A", "60", "55"],
        ["B", "40", "45"],
      ]),
    ),
    undefined,
  );
  assert.equal(
    doubtOf(
      book([
        ["A", "33.33", "33.33"],
        ["B", "33.33", "33.33"],
        ["C", "33.33", "33.33"],
      ]),
    ),
    undefined,
  );
  assert.equal(
    doubtOf(
      book([
        ["A", "60", "0"],
        ["B", "40", "0"],
      ]),
    ),
    undefined,
    "all cash",
  );
});

test("a weight that is no number is refused at its field, and its sum is no question", () => {
  assert.equal(
    doubtOf(
      book([
        ["A", "60", "lots"],
        ["B", "40", "45"],
      ]),
    ),
    undefined,
  );
  assert.equal(
    doubtOf(
      book([
        ["A", "60", "55"],
        ["B", "", "45"],
      ]),
    ),
    undefined,
  );
});

// Page fault 2
test("weights that leave a rest are cash or a typing error, and are never scaled unasked", () => {
  const draft = book([
    ["A", "60", "54.29"],
    ["B", "40", "40"],
  ]);
  assert.match(doubtOf(draft)?.question ?? "", /sum to 94\.29%\. Is the rest cash, or a typing error\?/);
  const cash = after(draft, /5\.71%, is cash/);
  assert.equal(doubtOf(cash), undefined);
  assert.equal(requestOf(cash).weight_policy, "cash_remainder");
  assert.equal(requestOf(after(draft, /Scale/)).weight_policy, "normalize");
  assert.deepEqual(after(draft, /typing error/), draft, "the reader corrects the fields");
});

// Page fault 1
test("share counts typed as weights are named as such", () => {
  const draft = book([
    ["VTI", "60", "212"],
    ["BND", "40", "500"],
  ]);
  assert.match(doubtOf(draft)?.question ?? "", /712\.00%\. Are they units/);
  const units = after(draft, /They are units/);
  const { assets, portfolio_value } = requestOf({ ...units, assets: units.assets.map((row) => ({ ...row, price: "10" })) });
  assert.deepEqual(
    assets.map((row) => [row.quantity, row.lot_size, row.current_weight]),
    [
      [212, 1, undefined],
      [500, 1, undefined],
    ],
  );
  assert.equal(portfolio_value, undefined);
});

test("targets are asked about beside the cash target", () => {
  const rows = [
    ["A", "60", "50"],
    ["B", "40", "50"],
  ] as [string, string, string][];
  assert.match(
    doubtOf(book(rows, { cashTarget: "2" }))?.question ?? "",
    /100\.00% beside a cash target of 2\.00%\. A typing error/,
  );
  assert.equal(requestOf(after(book(rows, { cashTarget: "2" }), /Scale the targets to 98/)).weight_policy, "normalize");
  assert.match(
    doubtOf(
      book([
        ["A", "60", "50"],
        ["B", "35", "50"],
      ]),
    )?.question ?? "",
    /95\.00%\. Is the rest the cash target/,
  );
  assert.equal(doubtOf(book(rows, { intent: "liquidate", cashTarget: "2" })), undefined);
});

// Page fault 11
test("a row of cash is booked as cash, unless the reader says that it is a security", () => {
  const assets = [
    emptyAsset({ asset: "VTI", quantity: "10", price: "100", target: "95" }),
    emptyAsset({ asset: "USD Cash", quantity: "50", price: "1", target: "5" }),
  ];
  const draft: Draft = { ...emptyDraft(), cash: "25", assets };
  assert.match(doubtOf(draft)?.question ?? "", /Row 2, USD Cash: is it cash/);
  const booked = after(draft, /It is cash/);
  assert.equal(doubtOf(booked), undefined);
  const request = requestOf(booked);
  assert.deepEqual([request.cash, request.cash_target_weight, request.assets.length], [75, 0.05, 1]);
  assert.equal(doubtOf(after(draft, /security/)), undefined);
});
