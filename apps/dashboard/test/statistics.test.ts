import assert from "node:assert/strict";
import { test } from "node:test";
import {
  annualMoments,
  commonTail,
  correlation,
  drawdown,
  growth,
  meanOf,
  portfolioReturns,
  volatilityOf,
} from "../src/display/statistics";

const close = (got: number, want: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(got - want) <= tolerance, `${got} is not ${want}`);

test("histories end on the same day", () => {
  assert.deepEqual(
    commonTail([
      [1, 2, 3],
      [4, 5],
    ]),
    [
      [2, 3],
      [4, 5],
    ],
  );
  assert.deepEqual(commonTail([[1], []]), [[], []]);
  assert.deepEqual(commonTail([]), []);
});

test("what the weights lack to one is cash", () => {
  const returns = portfolioReturns(
    [
      [0.1, -0.1],
      [0.2, 0],
    ],
    [0.5, 0.25],
  );
  close(returns[0] ?? 0, 0.1);
  close(returns[1] ?? 0, -0.05);
});

test("growth compounds and drawdown is measured from the highest value so far", () => {
  const values = growth([0.1, -0.5, 1]);
  [1, 1.1, 0.55, 1.1].forEach((want, i) => close(values[i] ?? 0, want));
  [0, 0, -0.5, 0].forEach((want, i) => close(drawdown(values)[i] ?? 1, want));
});

test("correlation of lines is one, of a constant unknown", () => {
  close(correlation([1, 2, 3], [10, 20, 30]) ?? 0, 1);
  close(correlation([1, 2, 3], [3, 2, 1]) ?? 0, -1);
  close(correlation([1, 2, 3, 4], [1, -1, -1, 1]) ?? 1, 0);
  assert.equal(correlation([1, 1, 1], [1, 2, 3]), null);
  assert.equal(correlation([1], [1]), null);
});

test("annual moments of two lines on paper", () => {
  const moments = annualMoments([
    [0.01, 0.03],
    [0.02, -0.02],
  ]);
  close(moments.mu[0] ?? 0, 0.02 * 252);
  close(moments.mu[1] ?? 1, 0);
  [
    [0.0002, -0.0004],
    [-0.0004, 0.0008],
  ].forEach((row, i) => row.forEach((value, j) => close(moments.sigma[i]?.[j] ?? 0, value * 252)));
  close(meanOf(moments, [0.5, 0.25]), 0.01 * 252);
  close(volatilityOf(moments, [2, 1]), 0, 1e-7);
  close(volatilityOf(moments, [1, 0]), Math.sqrt(0.0002 * 252));
});
