import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { TcaAnswer, TcaRequest } from "../src/api/types";
import { analysisCsv } from "../src/execution/csv";
import { stateInWords } from "../src/execution/executed";
import { emptyOrder, readOrders, requestOf } from "../src/execution/orders";
import { historyPath, mediaTypeOf } from "../src/execution/service";
import { residual, stepsOf } from "../src/execution/steps";

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../openapi/examples/${name}.json`, import.meta.url), "utf8"));
const request = read("create_tca.request") as TcaRequest;
const answer = read("create_tca.answer") as TcaAnswer;

const HEAD =
  "order,side,quantity,decision_price,arrival_price,end_price,fees,vwap,half_spread,estimated_cost,fill_quantity,fill_price";

test("a pasted table gives the request of the contract's example", () => {
  const table = readOrders(`${HEAD}\nA,buy,1000,40,40.04,40.08,17,40.06,0.004,20,700,40.05\n`);
  assert.ok("orders" in table, JSON.stringify(table));
  assert.deepEqual(requestOf(table.orders, ""), request);
});

test("lines of one order are its fills, in semicolons and decimal commas too", () => {
  const table = readOrders(
    "\ufeffOrder;Side;Qty;Decision price;Arrival price;Fill qty;Fill price;Broker\r\n" +
      "A;Sold;1.000;40,50;40,55;600;40,41;X\r\nB;B;10;7,25;7,30;;;X\r\nA;;;;;400;40,40;X\r\n",
  );
  assert.ok("orders" in table, JSON.stringify(table));
  assert.equal(table.remark, "3 lines read as 2 orders. Not read: Broker.");
  const [first, second] = requestOf(table.orders, "eur").orders;
  assert.deepEqual(first?.fills, [
    { quantity: 600, price: 40.41 },
    { quantity: 400, price: 40.4 },
  ]);
  assert.deepEqual([first?.side, first?.decision_price, second?.side, second?.fills], ["sell", 40.5, "buy", []]);
  assert.equal(first?.quantity, 1000, "the prices prove the decimal comma");
});

test("a table that contradicts itself, or lacks a column, is refused in words", () => {
  const reason = (text: string): string => {
    const table = readOrders(text);
    return "reason" in table ? table.reason : "";
  };
  assert.equal(reason("order,side"), "A table needs a heading and a line for each fill.");
  assert.equal(reason("order,side,quantity\nA,buy,1"), "No column is headed decision price, or arrival price.");
  const head = "order,side,quantity,decision,arrival,fill_qty,fill_price";
  assert.equal(reason(`${head}\nA,hold,1,2,3,1,2`), "Line 2: the side is neither buy nor sell.");
  assert.equal(reason(`${head}\nA,buy,2,2,3,1,2\nA,sell,,,,1,2`), "Line 3: A both buys and sells.");
  assert.equal(reason(`${head}\nA,buy,2,2,3,1,2\nA,,3,,,1,2`), "Line 3: A has two values of Quantity.");
});

test("fills are typed as quantity at price, and what is none is sent for the service to refuse", () => {
  const order = { ...emptyOrder(), quantity: "1,000.5", decision: "40", arrival: "x", fills: "700 @ 40.05; 300@40.06\nabc" };
  const [sent] = requestOf([order], "usd").orders;
  assert.deepEqual(sent?.fills, [
    { quantity: 700, price: 40.05 },
    { quantity: 300, price: 40.06 },
    { quantity: "abc", price: undefined },
  ]);
  assert.deepEqual([sent?.quantity, sent?.arrival_price], [1000.5, "x"]);
});

test("the waterfall begins each part where the one before ends, and leaves nothing", () => {
  const steps = stepsOf(answer.total);
  assert.deepEqual(
    steps?.map(({ name, from, to }) => [name, from, to]),
    [
      ["Delay", 0, 28],
      ["Trading", 28, 35],
      ["Opportunity", 35, 59],
      ["Fees", 59, 76],
      ["Shortfall", 0, 76],
    ],
  );
  assert.equal(residual(answer.total, "USD"), 0);
  assert.equal(residual({ ...answer.total, fees: 16.99 }, "USD"), 0.01);
  const unknown = { ...answer.total, opportunity: null, shortfall: null };
  assert.deepEqual([stepsOf(unknown), residual(unknown, "USD")], [undefined, undefined]);
});

test("parts whose sum rounds in binary leave nothing either", () => {
  const costs = { ...answer.total, delay: 0.1, trading: 0.2, opportunity: 0, fees: 0, shortfall: 0.3 };
  assert.equal(residual(costs, "USD"), 0);
});

test("the file of an analysis runs no formula", () => {
  const lines = analysisCsv(answer, ["=HYPERLINK(1)"]).trimEnd().split("\r\n");
  assert.equal(lines.length, 3);
  assert.match(lines[1] ?? "", /^'=HYPERLINK\(1\),USD,40000,76,19,28,7,7,1.75,24,6,17,4.25,2.8,4.2,-7,10,40,12$/);
  assert.match(lines[2] ?? "", /^total,/);
});

test("a report is JSON or a table, and a history is asked for by what is not empty", () => {
  assert.equal(mediaTypeOf(' {"fills": []}'), "application/json");
  assert.equal(mediaTypeOf("fill_id,kind\nX,bust\n"), "text/csv");
  const query = { since: "", until: "2026-12-31", reference: " fund 7 " };
  assert.equal(historyPath(query), "/api/execution?until=2026-12-31&client_reference=fund+7");
  assert.equal(historyPath({ since: "", until: "", reference: "" }), "/api/execution");
  assert.equal(historyPath({ since: "", until: "", reference: "" }, "csv"), "/api/execution?format=csv");
});

test("a cancelled order says how much of it was cancelled", () => {
  const cancel = { fill_id: "Q", cancelled_at: "2026-11-20T15:00:00Z", quantity: "43.5", late_fills: [] };
  assert.equal(stateInWords({ state: "cancelled", cancel }), "cancelled, rest 43.5");
  assert.equal(stateInWords({ state: "filled", cancel: { ...cancel, quantity: "0" } }), "filled");
  assert.equal(stateInWords({ state: "partial" }), "partial");
});
