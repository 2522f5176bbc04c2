// One plan through the client that openapi-typescript and openapi-fetch make from openapi/openapi.json.
//
//   node dist/plan.js http://127.0.0.1:5000 ../../../examples/first_plan.json > plan.json
//
// The compiler checks that the members used below exist with these types; the caller recomputes the printed plan.

import { readFile } from "node:fs/promises";
import createClient from "openapi-fetch";
import type { paths } from "./generated/api";

type PlanRequest = paths["/api/rebalance"]["post"]["requestBody"]["content"]["application/json"];

const [server, file] = process.argv.slice(2);
if (server === undefined || file === undefined) {
  throw new Error("usage: plan.js SERVER REQUEST");
}
const request: PlanRequest = JSON.parse(await readFile(file, "utf8"));
const client = createClient<paths>({ baseUrl: server });

const health = await client.GET("/api/health");
if (health.data?.status !== "ok") {
  throw new Error(`health says ${JSON.stringify(health.data)}`);
}

const { data: plan, error } = await client.POST("/api/rebalance", { body: request });
if (plan === undefined) {
  throw new Error(`refused: ${JSON.stringify(error)}`);
}
const turnover: number = plan.turnover_used;
const cost: number = plan.estimated_total_transaction_cost;
const cash: number = plan.cash.value_after;
const volatility: number | null | undefined = plan.risk_metrics.volatility;
for (const trade of plan.trades) {
  const action: "Buy" | "Sell" | "Hold" = trade.action;
  const value: number = trade.signed_trade_value;
  console.error(`${trade.asset.padEnd(12)} ${action.padEnd(5)} ${value.toFixed(2).padStart(14)}`);
}
console.error(`turnover ${turnover}, cost ${cost}, cash after ${cash}, volatility ${volatility}`);

const wrong = await client.POST("/api/rebalance", { body: { ...request, portfolio_value: -1 } });
if (wrong.error === undefined || wrong.response.status !== 400) {
  throw new Error("a negative portfolio value was not refused");
}
if (wrong.error.errors[0]?.pointer !== "/portfolio_value") {
  throw new Error(`the refusal does not point at the fault: ${JSON.stringify(wrong.error)}`);
}

console.log(JSON.stringify(plan));
process.exit(0);
