import assert from "node:assert/strict";
import { test } from "node:test";
import { annualMoments, commonTail, correlation, drawdown, growth, meanOf, normalBelow, portfolioReturns, terminalLaw, volatilityOf } from "../src/display/statistics";

const close = (got: number, want: number, tolerance = 1e-12): void => assert.ok(Math.abs(got - want) <= tolerance, `${got} is not ${want}`);

test("histories end on the same day", () => {
  assert.deepEqual(commonTail([[1, 2, 3], [4, 5]]), [[2, 3], [4, 5]]);
  assert.deepEqual(commonTail([[1], []]), [[], []]);
  assert.deepEqual(commonTail([]), []);
});

test("what the weights lack to one is cash", () => {
  const returns = portfolioReturns([[0.1, -0.1], [0.2, 0]], [0.5, 0.25]);
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

test("the normal distribution has its tabulated values", () => {
  for (const [z, p] of [[0, 0.5], [1, 0.8413447461], [-1.6448536270, 0.05], [2.5758293035, 0.995], [-3, 0.0013498980]] as const) close(normalBelow(z), p, 1e-7);
});

test("the law at the horizon is the lognormal of the history", () => {
  const up = Math.expm1(0.02);
  const down = Math.expm1(-0.01);
  const returns = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? up : down)); // logs 0.02 and −0.01: mean 0.005
  const bins = terminalLaw(returns, 20);
  close(bins.reduce((sum, bin) => sum + bin.share, 0), 0.999, 1e-4);
  const [centre, spread] = [0.1, Math.sqrt((0.015 ** 2 * 100) / 99 * 20)];
  const first = bins[0];
  close(Math.log(first?.from ?? 1), centre - 3.29 * spread, 1e-9);
  const mean = bins.reduce((sum, bin) => sum + (bin.share * (bin.from + bin.to)) / 2, 0);
  close(mean, Math.exp(centre + spread ** 2 / 2), 2e-3);
  for (let i = 1; i < bins.length; i += 1) close(bins[i]?.from ?? 0, bins[i - 1]?.to ?? 1);
});

test("what does not move has no law to draw", () => {
  assert.deepEqual(terminalLaw([0.01, 0.01, 0.01], 30), []);
  assert.deepEqual(terminalLaw([0.01, -1, 0.01], 30), []);
  assert.deepEqual(terminalLaw([0.01], 30), []);
});

test("annual moments of two lines on paper", () => {
  const moments = annualMoments([[0.01, 0.03], [0.02, -0.02]]);
  close(moments.mu[0] ?? 0, 0.02 * 252);
  close(moments.mu[1] ?? 1, 0);
  [[0.0002, -0.0004], [-0.0004, 0.0008]].forEach((row, i) => row.forEach((value, j) => close(moments.sigma[i]?.[j] ?? 0, value * 252)));
  close(meanOf(moments, [0.5, 0.25]), 0.01 * 252);
  close(volatilityOf(moments, [2, 1]), 0, 1e-7);
  close(volatilityOf(moments, [1, 0]), Math.sqrt(0.0002 * 252));
});
