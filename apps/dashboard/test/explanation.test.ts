import assert from "node:assert/strict";
import { test } from "node:test";
import { explanationBars, featureInWords, inWords } from "../src/display/explanation";

const explained = {
  base: 0.0004,
  contributions: [
    { feature: "return_of_a_month", value: 0.5, contribution: -0.0001 },
    { feature: "volatility_of_a_year", value: -0.25, contribution: 0.0003 },
  ],
};

test("a forecast is drawn from where its parts end, in percent a year", () => {
  const bars = explanationBars(explained).map(({ name, from, to, isWhole }) => [
    name,
    Math.round(from * 1e9) / 1e9,
    Math.round(to * 1e9) / 1e9,
    isWhole ?? false,
  ]);
  // 252 days: 0.0004 a day are 10.08 % a year.
  assert.deepEqual(bars, [
    ["All assets", 0, 10.08, false],
    ["Return of a month", 10.08, 7.56, false],
    ["Volatility of a year", 7.56, 15.12, false],
    ["Forecast", 0, 15.12, true],
  ]);
});

test("the sum is told in words", () => {
  assert.equal(featureInWords("distance_from_the_high_of_a_year"), "Distance from the high of a year");
  assert.match(
    inWords("Gold", explanationBars(explained)),
    /^Forecast of Gold, 15\.12% a year, as a sum: all assets 10\.08%, return of a month .2\.52%/,
  );
});
