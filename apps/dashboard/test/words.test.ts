import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pathInWords, placeInWords } from "../src/api/pointer";
import type { ConstraintPrice, Plan } from "../src/api/types";
import { bandInWords, purposeInWords } from "../src/decision/plan-words";
import {
  decisionInWords,
  fundingInWords,
  intentInWords,
  reasonInWords,
  roleInWords,
  untradedInWords,
  verdictInWords,
  warningInWords,
} from "../src/decision/words";
import { conflictInWords, limitInWords, limitTitle, priceInWords, withNames } from "../src/decision/limit-words";

// Page fault 16
test("words count from one where a pointer counts from 0", () => {
  assert.equal(pathInWords("/historical_returns/4"), "historical returns, entry 5");
  assert.equal(pathInWords("/holdings/0/holding_weight"), "holdings, entry 1, holding weight");
  assert.equal(placeInWords("/assets/1/price", ["A", "B"]), "B, price");
  assert.equal(placeInWords("/assets/1", ["A", "B"]), "B");
  assert.equal(placeInWords("/assets/9/price", ["A", "B"]), "assets, entry 10, price");
  assert.equal(placeInWords("/assets", ["A"]), "assets");
  assert.equal(placeInWords("", ["A"]), "the request");
});

const names = ["A", "asset 1"];
const price = (limit: ConstraintPrice["limit"], value: number, sentence: string): ConstraintPrice => ({
  limit,
  value,
  multiplier: 0.0123,
  bp_per_point: 1.23,
  currency_per_point: 123,
  sentence,
});
const upper = price(
  { kind: "upper", asset: 1 },
  0.36,
  "Loosening the upper bound of asset 2, now 36.00 %, by one percentage point is worth 1.23 bp of the book a year (123.00 in currency).",
);
const plan = (optimization: object): Plan =>
  ({ currency: "EUR", weights: names.map((asset) => ({ asset })), optimization }) as unknown as Plan;

test("a limit has the name of its asset; an asset without one is counted from one", () => {
  assert.equal(limitInWords({ kind: "upper", asset: 0 }, names), "maximum weight of A");
  assert.equal(limitTitle({ kind: "lower", asset: 2 }, names), "Minimum weight of asset 3");
});

test("a price is told with names, units and the currency", () => {
  const of = plan({ constraint_prices: [upper] });
  const told =
    "Loosening the maximum weight of asset 1, now 36.00%, by one percentage point is worth 1.23 bp of the book a year (123.00 EUR).";
  assert.equal(priceInWords(upper, of), told);
  const exposure = price({ kind: "exposure_upper", name: "duration" }, 2, "");
  assert.match(priceInWords(exposure, of), /^Loosening the maximum exposure to duration, now 2\.0000, by 0\.01 is worth/);
  const variance = { ...exposure, currency_per_point: null, objective: "variance" as const };
  assert.match(priceInWords(variance, of), /1\.23 ten-thousandths of the objective, risk aversion times annual variance\.$/);
});

test("the record's sentences have names where the optimizer numbers assets, and are left alone elsewhere", () => {
  const of = plan({ constraint_prices: [upper] });
  const dearest = upper.sentence.replace(/\.$/, "");
  assert.equal(
    withNames(`3 assets trade; 1 limit priced, the dearest: ${dearest}.`, of),
    `3 assets trade; 1 limit priced, the dearest: ${priceInWords(upper, of)}`,
  );
  // A sentence that quotes an asset of that name means it.
  assert.equal(withNames('"asset 2" is sold.', of), '"asset 2" is sold.');
  assert.equal(withNames("2 assets aligned.", plan({ constraint_prices: [] })), "2 assets aligned.");
});

test("a conflict is told with names, and a long one is cut", () => {
  const why = (assets: number[]): NonNullable<NonNullable<Plan["optimization"]>["infeasibility"]> => ({
    conflict: assets.map((asset) => ({ kind: "upper", asset })),
    sentence: "No portfolio satisfies the upper bound of asset 1.",
    proof: {} as never,
    repair: { relaxations: [{ limit: { kind: "turnover" }, from: 0.05, to: 0.081, by: 0.031 }], problem: {} as never },
  });
  const of = plan({});
  assert.equal(
    conflictInWords(why([0, 1]), of),
    "No portfolio satisfies the maximum weight of A and the maximum weight of asset 1 together; " +
      "the smallest repair moves the turnover limit from 5.00% to 8.10%.",
  );
  assert.match(conflictInWords(why([0, 1, 2, 3, 4, 5]), of), /the maximum weight of asset 3 and 3 more together/);
});

test("every code of the contract that the page shows has words of its own", () => {
  const contract = readFileSync(new URL("../../../openapi/openapi.json", import.meta.url), "utf8");
  const { schemas } = JSON.parse(contract).components;
  const worded: [string, (code: string) => string][] = [
    ["TradeReason", reasonInWords],
    ["WarningCode", warningInWords],
    ["OrderFunding", fundingInWords],
    ["IntentKind", intentInWords],
    ["AssetRole", roleInWords],
  ];
  for (const [schema, words] of worded)
    for (const code of schemas[schema].enum) assert.match(words(code), /^[A-Z]/, `${schema} ${code}`);
  const trades = new Set([
    "drift_breach",
    "funding",
    "absorption",
    "cash_band",
    "group_breach",
    "whole_book",
    "selected",
    "scheduled",
    "invest_cash",
    "raise_cash",
    "liquidation",
  ]);
  for (const code of schemas.TradeReason.enum) if (!trades.has(code)) assert.doesNotMatch(untradedInWords(code), /_/, code);
});

test("bands are one figure or a range, and a plan says what it is for", () => {
  const of = (...widths: number[]): Plan =>
    ({
      currency: "USD",
      drift_threshold: 0.02,
      weights: widths.map((band_half_width) => ({ band_half_width })),
      intent: { kind: "raise_cash", amount: 10_000, unraised: 250.5 },
    }) as unknown as Plan;
  assert.equal(bandInWords(of(0.02, 0.02)), "2.00%");
  assert.equal(bandInWords(of(0.05, 0.0125)), "1.25% to 5.00%, by asset");
  assert.equal(bandInWords(of()), "2.00%");
  assert.equal(purposeInWords(of()), "Raise cash, 10,000.00 USD; 250.50 USD could not be raised");
});

test("a verdict says what the limits say, and leaves the approval to people", () => {
  assert.equal(decisionInWords("APPROVED"), "Within limits");
  assert.equal(decisionInWords("REVIEW_REQUIRED"), "Review required");
  assert.equal(verdictInWords("Approved: every limit is clear."), "Within limits: every limit is clear.");
  assert.equal(verdictInWords("Review required: not Approved: x."), "Review required: not Approved: x.");
});
