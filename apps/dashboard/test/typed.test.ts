import assert from "node:assert/strict";
import { test } from "node:test";
import { markOf, readTyped, type Typed } from "../src/portfolio/typed";

const number = (text: string, percent = false): Typed => ({ kind: "number", text, percent });

test("numbers are read as people type them", () => {
  const cases: [string, Typed][] = [
    ["147,679.94", number("147679.94")],
    ["147.679,94", number("147679.94")],
    ["14.74%", number("14.74", true)],
    ["12 %", number("12", true)],
    ["$35.33", number("35.33")],
    ["35,33 €", number("35.33")],
    ["(3.2)", number("-3.2")],
    ["−4,5", number("-4.5")],
    ["1 234", number("1234")],
    ["1\u00a0234,5", number("1234.5")],
    ["12'345.6", number("12345.6")],
    ["1,234,567", number("1234567")],
    ["1.234.567", number("1234567")],
    ["0,290", number("0.290")],
    ["1234,567", number("1234.567")],
    ["67.500", number("67.500")],
    ["1e-7", number("1e-7")],
  ];
  for (const [typed, read] of cases) assert.deepEqual(readTyped(typed), read, typed);
});

test("a mark that may separate thousands as well as decimals is a question", () => {
  assert.deepEqual(readTyped("41,244"), { kind: "ambiguous", thousands: "41244", decimal: "41.244", percent: false });
  assert.deepEqual(readTyped("67,500"), { kind: "ambiguous", thousands: "67500", decimal: "67.500", percent: false });
  assert.deepEqual(readTyped("41,244", "."), number("41244"));
  assert.deepEqual(readTyped("41,244", ","), number("41.244"));
  assert.deepEqual(readTyped("67.500", ","), number("67500"));
});

test("what is no number is none", () => {
  for (const typed of ["", "n/a", "AAPL", "1.2.3", "%", "2020-01-01", "1 2", "1,23,456", "12,34.5", "0x10", "--1", "NaN"])
    assert.deepEqual(readTyped(typed), { kind: "none" }, typed);
});

test("a column proves its decimal mark, or does not", () => {
  assert.equal(markOf(["41,244", "1,234.50"]), ".");
  assert.equal(markOf(["41,244", "2,5"]), ",");
  assert.equal(markOf(["41,244", "67,500"]), undefined);
  assert.equal(markOf(["1,5", "2.5"]), undefined, "a contradiction proves nothing");
  assert.equal(markOf(["AAPL", ""]), undefined);
});
