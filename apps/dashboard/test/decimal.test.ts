import assert from "node:assert/strict";
import { test } from "node:test";
import { isNumber, numberText, shift } from "../src/portfolio/decimal";

test("a point is moved without binary rounding", () => {
  const cases: [string, number, string][] = [
    ["0.274241", 2, "27.4241"],
    ["27.4241", -2, "0.274241"],
    ["0.07", 2, "7"],
    ["1.1", 2, "110"],
    ["5", -2, "0.05"],
    ["-0.5", 2, "-50"],
    ["1e-7", 2, "0.00001"],
    ["2.5E3", -2, "25"],
    [".5", 0, "0.5"],
    ["007", 0, "7"],
    ["-0", 2, "0"],
    ["1e500", 2, "1e500"],
  ];
  for (const [text, places, moved] of cases) assert.equal(shift(text, places), moved, `${text} by ${places}`);
});

test("percent typed and sent back again is the same text", () => {
  for (let i = 0; i < 2000; i += 1) {
    const text = String(i / 1000);
    assert.equal(shift(shift(text, -2), 2), text);
    assert.equal(Number(shift(text, -2)), Number(`${text}e-2`));
  }
});

test("text that is no number stays what was typed", () => {
  for (const text of ["lots", "", "1,5", "0x10", "1e", "--1", "NaN", "Infinity", "1 2"]) {
    assert.equal(isNumber(text), false, text);
    assert.equal(shift(text, 2), text);
  }
  assert.equal(numberText(1e-7), "0.0000001");
});
