import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan } from "../src/api/types";
import { csvCell, tradesCsv } from "../src/exports/files";

test("text that a spreadsheet would run gets an apostrophe", () => {
  for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
    assert.ok(csvCell(text).replace(/^"/, "").startsWith("'"), JSON.stringify(text));
  assert.equal(csvCell('=HYPERLINK("http://x")'), `"'=HYPERLINK(""http://x"")"`);
});

test("numbers and plain text stay what they are", () => {
  assert.equal(csvCell(-1.5), "-1.5");
  assert.equal(csvCell("UST10Y_TR"), "UST10Y_TR");
  assert.equal(csvCell("a,b"), '"a,b"');
  assert.equal(csvCell('a"b'), '"a""b"');
  assert.equal(csvCell("two\nlines"), '"two\nlines"');
});

test("a plan has one line an asset", () => {
  const trade = {
    asset: "A",
    action: "Sell",
    reason: "drift_breach",
    trade_value: 2,
    signed_trade_value: -2,
    trade_units: -1,
    estimated_cost: 0.01,
  };
  const weight = {
    current_weight: 0.5,
    target_weight: 0.4,
    optimized_target_weight: 0.41,
    weight_after: 0.41,
    drift: 0.1,
    residual_drift: 0,
  };
  const lines = tradesCsv({ currency: "EUR", trades: [trade], weights: [weight] } as unknown as Plan).split("\r\n");
  assert.equal(lines.length, 3);
  assert.match(lines[0] ?? "", /signed_trade_value_EUR/);
  assert.equal(lines[1], "A,Sell,Drift beyond its band: back towards target,-2,-1,0.01,0.5,0.4,0.41,0.41,0.1,0");
});
