import assert from "node:assert/strict";
import { test } from "node:test";
import {
  amount,
  count,
  decimal,
  MISSING,
  money,
  percent,
  points,
  price,
  quantity,
  shortName,
  sign,
  tickDigits,
  units,
} from "../src/format";
import { inFieldUnits } from "../src/portfolio/faults";
import { UndoStack } from "../src/portfolio/undo";

test("a missing figure is a dash, never a number", () => {
  for (const text of [
    decimal(null),
    percent(undefined),
    points(null),
    amount(null, "USD"),
    money(undefined, "USD"),
    units(null),
    sign(null),
  ])
    assert.equal(text, MISSING);
});

test("signs are true minus signs, and zero has none", () => {
  assert.equal(percent(-0.1234), "−12.34%");
  assert.equal(percent(-0.000001), "0.00%");
  assert.equal(points(0.0123), "+1.23 pp");
  assert.equal(points(-0.00001), "0.00 pp");
  assert.equal(sign(1234.5), "+1,234.50");
});

test("amounts carry the digits of their currency", () => {
  assert.equal(money(1234.5, "USD"), "1,234.50 USD");
  assert.equal(money(1234.5, "JPY"), "1,235 JPY");
  assert.equal(amount(1.2346, "KWD"), "1.235");
});

test("names in drawings are one line of bounded length", () => {
  assert.equal(shortName("a\nb\u2028c"), "a b c");
  assert.equal([...shortName("👩".repeat(50), 10)].length, 10);
  assert.equal(count(1, "trade"), "1 trade");
  assert.equal(count(2000, "trade"), "2,000 trades");
});

test("a range is told in the unit of its field", () => {
  const fault = (pointer: string, code: "range" | "type", detail: string): string => inFieldUnits({ pointer, code, detail });
  assert.equal(fault("/assets/0/price", "range", "must be at least 1e-8"), "must be at least 0.00000001");
  assert.equal(fault("/turnover_limit", "range", "must be at most 1"), "must be at most 100%");
  assert.equal(fault("/drift_threshold", "range", "must be at most 0.5"), "must be at most 50%");
  assert.equal(fault("/assets/3/market_return", "range", "must be at least -1"), "must be at least -100%");
  assert.equal(fault("/turnover_limit", "type", "must be a number"), "must be a number");
});

test("undo goes back, redo forward, and a new step forgets what was undone", () => {
  const stack = new UndoStack<number>();
  stack.push(1);
  stack.push(2);
  assert.equal(stack.undo(3), 2);
  assert.equal(stack.redo(2), 3);
  assert.equal(stack.undo(3), 2);
  assert.equal(stack.undo(2), 1);
  assert.equal(stack.canUndo, false);
  stack.push(1);
  assert.equal(stack.canRedo, false);
});

test("labels of an axis stay apart", () => {
  assert.equal(tickDigits(40), 0);
  assert.equal(tickDigits(4), 1);
  assert.equal(tickDigits(0.1), 2);
  assert.equal(tickDigits(0.4, 2), 2);
  assert.equal(tickDigits(0, 2), 2);
  assert.equal(tickDigits(Number.NaN), 0);
  for (const span of [90, 12, 3, 0.7, 0.02]) {
    const labels = Array.from({ length: 6 }, (_, i) => ((span * i) / 5).toFixed(tickDigits(span)));
    assert.equal(new Set(labels).size, 6, labels.join());
  }
});

test("an order's quantity and price show the digits they have", () => {
  const cases = { "19": 19, "1,234.5": 1234.5, "0.03906137": 0.03906137, "0": 0 };
  for (const [text, value] of Object.entries(cases)) assert.equal(quantity(value), text);
  assert.deepEqual([price(67500), price(0.00012345), price(null)], ["67,500.00", "0.00012345", MISSING]);
});
