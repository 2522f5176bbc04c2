import assert from "node:assert/strict";
import { test } from "node:test";
import { readReturns } from "../src/portfolio/returns";

test("a decimal comma makes one return, a separating one two", () => {
  assert.deepEqual(readReturns("-0,02\n0,01").returns, [-0.02, 0.01]);
  assert.deepEqual(readReturns("-0,02").returns, [-0.02]);
  assert.deepEqual(readReturns("0.01,-0.02; 0.03").returns, [0.01, -0.02, 0.03]);
  assert.deepEqual(readReturns("1.5%\n-2%").returns, [0.015, -0.02]);
  assert.deepEqual(readReturns("0.01\nlots").returns, [0.01, "lots"]);
  assert.deepEqual(readReturns(" \n").returns, []);
});

test("prices in the place of returns are recognised", () => {
  const { fromPrices } = readReturns("100\n110\n99");
  assert.ok(fromPrices && Math.abs((fromPrices[0] ?? 0) - 0.1) < 1e-12 && Math.abs((fromPrices[1] ?? 0) + 0.1) < 1e-12);
  assert.equal(readReturns("0.01\n0.02\n0.03").fromPrices, undefined);
  assert.equal(readReturns("100\n-110\n99").fromPrices, undefined, "no price is negative");
});
