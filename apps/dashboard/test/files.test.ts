import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan, PlanRequest } from "../src/api/types";
import { csvCell, fileName, ordersCsv } from "../src/exports/files";

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

const plan = {
  currency: "EUR",
  turnover_bound: true,
  metadata: { plan_id: "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f", timestamp_utc: "2026-11-28T17:00:00Z" },
  trades: [
    { asset: "H", action: "Hold", reason: "within_band" },
    { asset: "A", action: "Sell", reason: "drift_breach" },
  ],
  orders: [
    {
      asset: "A",
      position: 1,
      action: "Sell",
      name: "=Fund",
      account: "joint",
      quantity: 0.0000001,
      currency: "EUR",
      reference_price: 67500,
      limit_price: null,
      trade_value: 12.5,
      estimated_cost: 0.01,
      waits_for: ["BND", "GLD"],
      funding: "not_needed",
      settles_on: "2026-12-01",
      funded_from: null,
    },
  ],
} as unknown as Plan;
const request = { name: "Ünser Haushalt / 60-40", trade_date: "2026-11-30" } as PlanRequest;

// Page fault 13
test("an order file has one line an order, with side, quantity, price, account, date and plan in columns of their own", () => {
  const [head = "", order = "", ...rest] = ordersCsv(request, plan).split("\r\n");
  assert.deepEqual(rest, [""], "what holds is no order");
  const values = order.split(",");
  const of = (column: string): string | undefined => values[head.split(",").indexOf(column)];
  assert.equal(of("plan_id"), "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f");
  assert.equal(of("trade_date"), "2026-11-30");
  assert.equal(of("account"), "joint");
  assert.equal(of("side"), "Sell");
  assert.equal(of("quantity"), "0.0000001", "no exponent that a spreadsheet reads as text");
  assert.equal(of("reference_price"), "67500");
  assert.equal(of("limit_price"), "");
  assert.equal(of("name"), "'=Fund");
  assert.equal(of("settles_on"), "2026-12-01");
  assert.equal(of("waits_for"), "BND; GLD");
  assert.match(of("reason") ?? "", /as far as the turnover limit lets it/);
  assert.equal(values.length, head.split(",").length);
});

test("a file is named by book, day and plan", () => {
  assert.equal(fileName("orders", request, plan, "csv"), "orders-unser-haushalt-60-40-2026-11-28-9f4a3f3e.csv");
  const bare = { metadata: { timestamp_utc: "2026-11-28T17:00:00Z" } } as unknown as Plan;
  assert.equal(fileName("orders", { name: "عربي" } as PlanRequest, bare, "csv"), "orders-portfolio-2026-11-28.csv");
});
