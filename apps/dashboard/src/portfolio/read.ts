/** Portfolios from text: cells pasted from a spreadsheet, a CSV file, a JSON request. */

import type { PlanRequest } from "../api/types";
import { shift } from "./decimal";
import { emptyAsset, type Draft, type DraftAsset, type Entry } from "./draft";
import { markOf, readTyped } from "./typed";
import { draftOf } from "./wire";

export interface Reading {
  assets: DraftAsset[];
  /** A whole draft when the text held parameters too. */
  draft?: Draft;
  /** How the text was understood, for the reader to check. */
  remarks: string[];
  /** How the rows state what is held; absent where a whole draft says so. */
  entry?: Entry;
}

type Field =
  | "asset"
  | "title"
  | "assetClass"
  | "account"
  | "sleeve"
  | "target"
  | "current"
  | "quantity"
  | "lot"
  | "price"
  | "marketReturn"
  | "costBps";
const WORDS: ReadonlySet<Field> = new Set(["asset", "title", "assetClass", "account", "sleeve"]);
/** The first pattern that fits a heading names its column; a column of a benchmark is none of the book's. */
const HEADINGS: [RegExp, Field][] = [
  [/^(asset[ _]?class|class|type)/i, "assetClass"],
  [/^(asset|ticker|symbol|instrument|security)/i, "asset"],
  [/^(name|description)/i, "title"],
  [/^account/i, "account"],
  [/^sleeve/i, "sleeve"],
  [/^lot/i, "lot"],
  [/target|policy|model/i, "target"],
  [/cost|bps/i, "costBps"],
  [/return/i, "marketReturn"],
  [/price|last|close/i, "price"],
  [/quantity|shares|units|qty/i, "quantity"],
  [/current|now|actual|held|weight/i, "current"],
];
const OF_ANOTHER = /bench|index weight/i;
const ORDER: Field[] = ["asset", "target", "current", "price", "marketReturn", "costBps"];

/** Reads JSON when the text begins like it, rows and columns otherwise. Throws an `Error` in words when it cannot. */
export function readPortfolio(text: string): Reading {
  const clean = text.replace(/^\ufeff/, "");
  return /^\s*[[{]/.test(clean) ? readJson(clean) : readTable(clean);
}

/** A JSON file is a request as the API documents it, or its list of assets. */
function readJson(text: string): Reading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON: ${error instanceof Error ? error.message : "unreadable"}.`);
  }
  const request = Array.isArray(value) ? { assets: value } : (value as Record<string, unknown>);
  if (!Array.isArray(request["assets"]) || request["assets"].some((row) => typeof row !== "object" || row === null)) {
    throw new Error("The file needs a list `assets` of objects, as in a request to /api/rebalance.");
  }
  const quoted = [
    ...quotedNumbers(request, NUMBERS, ""),
    ...request["assets"].flatMap((row, index) => quotedNumbers(row as object, NUMBERS_OF_ASSET, `/assets/${index}`)),
  ];
  if (quoted.length > 0)
    throw new Error(`Numbers stand in quotes, which leaves their unit open: ${listed(quoted)}. Write them without quotes.`);
  const draft = draftOf(request as Partial<PlanRequest>);
  const remarks = [`${draft.assets.length} assets read.`];
  const unknown = [
    ...strangers(request, REQUEST_MEMBERS, ""),
    ...request["assets"].flatMap((row, index) => strangers(row as object, ASSET_MEMBERS, `/assets/${index}`)),
  ];
  if (unknown.length > 0) remarks.push(`Not known here and left out: ${listed(unknown)}.`);
  return Array.isArray(value) ? { assets: [...draft.assets], remarks } : { assets: [...draft.assets], draft, remarks };
}

/** The first few places, and whether there are more. */
function listed(places: readonly string[]): string {
  return `${places.slice(0, 5).join(", ")}${places.length > 5 ? " and more" : ""}`;
}

function quotedNumbers(members: object, numbers: readonly string[], at: string): string[] {
  return Object.entries(members).flatMap(([name, value]) =>
    numbers.includes(name) && typeof value === "string" ? [`${at}/${name}`] : [],
  );
}

/** Members of a request that a draft takes over, or keeps and sends as they came; whether a plan is stored, the page says itself. */
export const REQUEST_MEMBERS = [
  "name",
  "description",
  "title",
  "store",
  "client_reference",
  "metadata",
  "portfolio_value",
  "cash",
  "cash_target_weight",
  "cash_band",
  "intent",
  "band",
  "destination",
  "scope",
  "min_notional",
  "max_tickets",
  "limit_collar_bps",
  "trade_date",
  "posture",
  "groups",
  "trigger",
  "currency",
  "drift_threshold",
  "turnover_limit",
  "transaction_cost_bps",
  "costs",
  "risk_aversion",
  "horizon_years",
  "worth_min_bps",
  "regime_band_widening",
  "risk_free_rate",
  "weight_policy",
  "liquidate",
  "forecast_model",
  "trained_model",
  "tracking_error_budget",
  "dates",
  "benchmark_returns",
  "benchmark_name",
  "verdict_limits",
  "monte_carlo",
  "method",
  "optimization",
  "assets",
];
export const ASSET_MEMBERS = [
  "asset",
  "name",
  "asset_class",
  "account",
  "sleeve",
  "market",
  "identifiers",
  "target_weight",
  "current_weight",
  "quantity",
  "lot_size",
  "min_quantity",
  "role",
  "no_buy",
  "no_sell",
  "selected",
  "price",
  "market_return",
  "historical_returns",
  "transaction_cost_bps",
  "costs",
  "average_daily_volume",
  "holdings",
];
const NUMBERS = [
  ...["portfolio_value", "cash", "cash_target_weight", "cash_band", "destination", "min_notional", "max_tickets"],
  ...["limit_collar_bps", "drift_threshold", "turnover_limit", "transaction_cost_bps", "risk_aversion", "horizon_years"],
  ...["worth_min_bps", "regime_band_widening", "risk_free_rate", "tracking_error_budget"],
];
const NUMBERS_OF_ASSET = [
  ...["target_weight", "current_weight", "quantity", "lot_size", "price", "market_return", "transaction_cost_bps"],
  "average_daily_volume",
];

function strangers(members: object, known: readonly string[], at: string): string[] {
  return Object.keys(members)
    .filter((name) => !known.includes(name))
    .map((name) => `${at}/${name}`);
}

/** Cells separated by tab, semicolon or comma, with or without headings. */
function readTable(text: string): Reading {
  const rows = cells(text).filter((row) => row.some((cell) => cell.trim() !== ""));
  const first = rows[0];
  if (!first) throw new Error("There is nothing to read.");
  const headed = first.slice(1).every((cell) => readTyped(cell).kind === "none") && first.length > 1;
  const columns = headed ? byHeading(first) : ORDER.slice(0, first.length);
  if (!columns.includes("asset")) throw new Error("No column holds the names: call one of them asset.");
  const body = headed ? rows.slice(1) : rows;
  const remarks: string[] = [];
  if (!headed) remarks.push(`No headings: columns were read as ${columns.join(", ")}.`);
  const ignored = headed ? first.filter((heading, i) => columns[i] === undefined && heading.trim() !== "") : [];
  if (ignored.length > 0) remarks.push(`Left out: ${ignored.map((heading) => heading.trim()).join(", ")}.`);

  const marks = columns.map((_, i) => markOf(body.map((row) => row[i] ?? "")));
  const scale = new Map<Field, number>();
  for (const field of ["target", "current", "marketReturn"] as const) {
    const index = columns.indexOf(field);
    if (index < 0) continue;
    const read = body.map((row) => readTyped(row[index] ?? "", marks[index])).filter((cell) => cell.kind === "number");
    const inPercent =
      /%|percent|pct/i.test(headed ? (first[index] ?? "") : "") ||
      read.some((cell) => cell.percent) ||
      (field !== "marketReturn" && read.reduce((sum, cell) => sum + Math.abs(Number(cell.text)), 0) > 2);
    scale.set(field, inPercent ? 0 : 2);
    const what = { marketReturn: "Returns", target: "Target weights", current: "Current weights" }[field];
    remarks.push(`${what} read as ${inPercent ? "percent" : "fractions"}.`);
  }
  const doubtful = new Set<string>();
  const isByUnits = columns.includes("quantity");
  const assets = body.map((row) => {
    const values: Partial<Record<Field, string>> = {};
    columns.forEach((field, index) => {
      if (!field) return;
      const cell = (row[index] ?? "").trim();
      const read = WORDS.has(field) ? undefined : readTyped(cell, marks[index]);
      if (read?.kind === "ambiguous") doubtful.add(headed ? (first[index] ?? "").trim() : field);
      values[field] = read?.kind === "number" ? shift(read.text, scale.get(field) ?? 0) : cell;
    });
    return emptyAsset({ lot: isByUnits ? "1" : "", ...values });
  });
  remarks.unshift(`${assets.length} assets read.`);
  for (const column of doubtful) remarks.push(`${column} can be read in two ways: choose at the fields.`);
  return { assets, remarks, entry: isByUnits ? "units" : "weights" };
}

function byHeading(headings: readonly string[]): (Field | undefined)[] {
  const taken = new Set<Field>();
  const fields = headings.map((heading) => {
    if (OF_ANOTHER.test(heading)) return undefined;
    const found = HEADINGS.find(([pattern, field]) => pattern.test(heading.trim()) && !taken.has(field))?.[1];
    if (found) taken.add(found);
    return found;
  });
  // Without a column of tickers the names are the assets.
  return taken.has("asset") ? fields : fields.map((field) => (field === "title" ? "asset" : field));
}

/** Splits delimited text; quoted cells may hold the separator, quotes and line breaks. */
function cells(text: string): string[][] {
  const line = text.split(/\r?\n/, 1)[0] ?? "";
  const separator = line.includes("\t") ? "\t" : line.includes(";") ? ";" : ",";
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i] as string;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') ((cell += '"'), (i += 1));
      else quoted = false;
    } else if (c === '"' && cell.trim() === "") ((quoted = true), (cell = ""));
    else if (c === separator) (row.push(cell), (cell = ""));
    else if (c === "\n" || c === "\r") {
      if (c === "\r" && text[i + 1] === "\n") i += 1;
      row.push(cell);
      rows.push(row);
      row = [];
      cell = "";
    } else cell += c;
  }
  row.push(cell);
  rows.push(row);
  return rows;
}
