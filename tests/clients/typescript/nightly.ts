// The nightly job of a platform through the client that openapi-typescript and openapi-fetch make from openapi/openapi.json.
//
//   node dist/nightly.js http://127.0.0.1:5000 BOOKS.json
//
// The books are planned one by one, found again, verified, and planned once more as a run whose events are read over two
// connections. The compiler checks every request and every member that is read.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/api";
import { readEvents, type RunEvent } from "./run_events.js";

type Schemas = components["schemas"];
type Book = Schemas["RebalanceRequest"];
type Plan = Schemas["PlanResponse"];

const TONIGHT = "typescript";
const PAGE = 20;
const FIGURES = ["weights", "trades", "orders", "cash", "turnover_used", "value_after", "risk_metrics", "verdict"];

const [server, file] = process.argv.slice(2);
assert(server !== undefined && file !== undefined, "usage: nightly.js SERVER BOOKS");
const books: Book[] = JSON.parse(await readFile(file, "utf8"));
const client = createClient<paths>({ baseUrl: server });

/** What a request was answered with, if it was not refused. */
function answered<T>(outcome: { data?: T; error?: unknown }): T {
  assert(outcome.data !== undefined, `refused: ${JSON.stringify(outcome.error)}`);
  return outcome.data;
}

function planAlone(book: Book, key: string) {
  return client.POST("/api/rebalance", { body: book, params: { header: { "Idempotency-Key": key } } });
}

/** Two plans of one book agree in every member that both show, apart from what differs from answer to answer. */
function checkSame(found: NonNullable<Schemas["RunResult"]["plan"]>, alone: Plan): void {
  for (const member of FIGURES) {
    assert(member in found && member in alone, member);
  }
  checkMembers(found, alone);
}

/** The members that both documents show are equal, at every depth. */
function checkMembers(found: object, alone: object): void {
  const whole = new Map<string, unknown>(Object.entries(alone));
  for (const [member, value] of Object.entries(found)) {
    const other = whole.get(member);
    if (member === "metadata" || other === undefined) {
      continue;
    }
    if (isDocument(value) && isDocument(other)) {
      checkMembers(value, other);
    } else {
      assert.deepEqual(value, other, member);
    }
  }
}

function isDocument(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function referenceOf(labelled: { client_reference?: string | null }): string {
  assert(typeof labelled.client_reference === "string");
  return labelled.client_reference;
}

function idOf(plan: Plan): string {
  assert(plan.metadata.plan_id !== undefined);
  return plan.metadata.plan_id;
}

/** Trades, costs and cash cancel to the cent, and the turnover is that of the trades and within its limit. */
function checkMoney(book: Book, plan: Plan): void {
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
  const isZero = (amount: number): void => assert(Math.abs(amount) < 0.005, `${book.client_reference}: ${amount}`);
  const signed = sum(plan.trades.map((trade) => trade.signed_trade_value));
  const costs = sum(plan.trades.map((trade) => trade.estimated_cost));
  isZero(costs - plan.estimated_total_transaction_cost);
  isZero(signed + costs + plan.cash.value_after - plan.cash.weight_before * plan.portfolio_value);
  isZero(plan.value_after - (plan.portfolio_value - costs));
  const traded = sum(plan.trades.map((trade) => trade.trade_value)) / plan.portfolio_value;
  assert(Math.abs(plan.turnover_used - traded) < 1e-6 && traded <= plan.turnover_limit + 1e-9);
}

/** Plans every book, and one of them again under its key. */
async function postBooks(): Promise<Map<string, Plan>> {
  const plans = new Map<string, Plan>();
  for (const [number, book] of books.entries()) {
    const plan = answered(await planAlone(book, `${TONIGHT}-${number}`));
    checkMoney(book, plan);
    assert.equal(referenceOf(plan), referenceOf(book));
    plans.set(referenceOf(plan), plan);
  }
  const [first, second] = books;
  assert(first !== undefined && second !== undefined);
  const again = await planAlone(first, `${TONIGHT}-0`);
  assert.equal(again.response.headers.get("Idempotent-Replayed"), "true");
  assert.deepEqual(answered(again), plans.get(referenceOf(first)));
  const reused = await planAlone(second, `${TONIGHT}-0`);
  assert.equal(reused.response.status, 422);
  assert.equal(reused.error?.type, "/problems/idempotency-key-reused");
  return plans;
}

/** Every stored plan, page by page. */
async function walkPlans(): Promise<Schemas["PlanSummary"][]> {
  const found: Schemas["PlanSummary"][] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = cursor === null ? { limit: PAGE } : { limit: PAGE, cursor };
    const page: Schemas["PlanList"] = answered(await client.GET("/api/plans", { params: { query } }));
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

/** Each plan is listed once, and found by its reference as often as its book was planned. */
async function findAgain(plans: Map<string, Plan>, times: number): Promise<void> {
  const ids = (await walkPlans()).map((plan) => plan.plan_id);
  assert.equal(new Set(ids).size, ids.length);
  for (const [reference, plan] of plans) {
    assert(ids.includes(idOf(plan)), reference);
    const query = { client_reference: reference };
    const found = answered(await client.GET("/api/plans", { params: { query } })).items;
    assert.deepEqual(found.map(referenceOf), Array(times).fill(reference));
  }
}

/** Each stored plan holds. */
async function verify(plans: Map<string, Plan>): Promise<void> {
  for (const plan of plans.values()) {
    const checked = answered(
      await client.GET("/api/plans/{plan_id}/verify", { params: { path: { plan_id: idOf(plan) } } }),
    );
    assert(checked.valid && checked.checks.every((check) => check.holds), JSON.stringify(checked));
  }
}

/** The stream of a run's events after one of them; none when that was the last. */
async function watch(runId: string, lastEventId: string): Promise<ReadableStream<Uint8Array> | null> {
  const { data, response } = await client.GET("/api/runs/{run_id}/events", {
    params: { path: { run_id: runId }, header: { "Last-Event-ID": lastEventId } },
    parseAs: "stream",
  });
  assert(response.ok);
  return data ?? null;
}

/** Queues all books as one run and reads its events; the connection is dropped after the twelfth. */
async function runBooks(): Promise<string> {
  const accepted = await client.POST("/api/runs", {
    body: { portfolios: books },
    params: { header: { "Idempotency-Key": `${TONIGHT}-run` } },
  });
  const runId = answered(accepted).run_id;
  assert.equal(accepted.response.headers.get("Location"), `/api/runs/${runId}`);

  const heard: [string, RunEvent][] = [];
  const listen = async (most: number): Promise<void> => {
    const stream = await watch(runId, heard.at(-1)?.[0] ?? "0");
    assert(stream !== null);
    for await (const event of readEvents(stream)) {
      heard.push(event);
      if (heard.length === most) {
        return;
      }
    }
  };
  await listen(12);
  assert.equal(heard.length, 12);
  await listen(Infinity);

  assert.deepEqual(heard.map(([id]) => id), heard.map((_, position) => String(position + 1)));
  const items = heard.flatMap(([, event]) => (event.kind === "item" ? [event.item] : []));
  assert.deepEqual(items.map(referenceOf), books.map(referenceOf));
  const last = heard.at(-1);
  assert(last !== undefined && last[1].kind === "done" && last[1].status === "finished");
  assert.equal(last[1].progress.finished, books.length);
  assert.equal(await watch(runId, last[0]), null);
  return runId;
}

/** The plan of each item is that of the same book posted alone. */
async function readResults(runId: string, plans: Map<string, Plan>): Promise<void> {
  const path = { run_id: runId };
  const lines = answered(await client.GET("/api/runs/{run_id}/results", { params: { path }, parseAs: "text" }));
  const results: Schemas["RunResult"][] = lines.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(results.map(referenceOf), [...plans.keys()]);
  for (const result of results) {
    const alone = plans.get(referenceOf(result));
    assert(result.plan !== undefined && alone !== undefined);
    checkSame(result.plan, alone);
  }
  const listed = answered(await client.GET("/api/runs", { params: { query: { limit: PAGE } } }));
  assert.equal(listed.items.find((run) => run.run_id === runId)?.status, "finished");
}

/** The chain holds, and the export is the whole chain. */
async function checkTrail(): Promise<void> {
  const checked = answered(await client.GET("/api/audit/verify"));
  assert(checked.valid && checked.first_break === null && checked.plans >= 2 * books.length);
  const lines = answered(await client.GET("/api/audit/export", { parseAs: "text" }));
  const entries: Schemas["AuditEntry"][] = lines.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(entries.length, checked.entries);
  assert.equal(entries.at(-1)?.hash, checked.head);
}

const plans = await postBooks();
await findAgain(plans, 1);
await verify(plans);
const runId = await runBooks();
await readResults(runId, plans);
await findAgain(plans, 2);
await checkTrail();
console.log(`${plans.size} books planned alone and in a run: same plans, all verified, the trail holds`);
process.exit(0);
