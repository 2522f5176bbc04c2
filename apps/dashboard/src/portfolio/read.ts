/** Portfolios from text: cells pasted from a spreadsheet, a CSV file, a JSON request. */

import type { PlanRequest } from "../api/types";
import { readCell, shift } from "./decimal";
import { draftOf, emptyAsset, type Draft, type DraftAsset } from "./draft";

export interface Reading {
  assets: DraftAsset[];
  /** A whole draft when the text held parameters too. */
  draft?: Draft;
  /** How the text was understood, for the reader to check. */
  remarks: string[];
}

type Field = "asset" | "target" | "current" | "price" | "marketReturn" | "costBps";
const HEADINGS: [RegExp, Field][] = [
  [/^(asset|name|ticker|symbol|instrument|security)/i, "asset"],
  [/target|policy|model/i, "target"],
  [/cost|bps/i, "costBps"],
  [/return/i, "marketReturn"],
  [/price|last|close/i, "price"],
  [/current|now|actual|held|weight/i, "current"],
];
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
  const draft = draftOf(request as Partial<PlanRequest>);
  const remarks = [`${draft.assets.length} assets read.`];
  const unknown = [
    ...strangers(request, REQUEST_MEMBERS, ""),
    ...request["assets"].flatMap((row, index) => strangers(row as object, ASSET_MEMBERS, `/assets/${index}`)),
  ];
  if (unknown.length > 0)
    remarks.push(`Not known here and left out: ${unknown.slice(0, 5).join(", ")}${unknown.length > 5 ? " and more" : ""}.`);
  return Array.isArray(value) ? { assets: [...draft.assets], remarks } : { assets: [...draft.assets], draft, remarks };
}

const REQUEST_MEMBERS = [
  "name",
  "description",
  "client_reference",
  "metadata",
  "portfolio_value",
  "currency",
  "drift_threshold",
  "turnover_limit",
  "transaction_cost_bps",
  "risk_aversion",
  "horizon_years",
  "worth_min_bps",
  "risk_free_rate",
  "weight_policy",
  "liquidate",
  "forecast_model",
  "tracking_error_budget",
  "benchmark_returns",
  "monte_carlo",
  "method",
  "optimization",
  "assets",
];
const ASSET_MEMBERS = [
  "asset",
  "identifiers",
  "target_weight",
  "current_weight",
  "price",
  "market_return",
  "historical_returns",
  "transaction_cost_bps",
  "holdings",
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
  const headed = first.slice(1).every((cell) => readCell(cell) === undefined) && first.length > 1;
  const columns = headed ? byHeading(first) : ORDER.slice(0, first.length);
  if (!columns.includes("asset")) throw new Error("No column holds the names: call one of them “asset”.");
  const body = headed ? rows.slice(1) : rows;
  const remarks: string[] = [];
  if (!headed) remarks.push(`No headings: columns were read as ${columns.join(", ")}.`);

  const scale = new Map<Field, number>();
  for (const field of ["target", "current", "marketReturn"] as const) {
    const index = columns.indexOf(field);
    if (index < 0) continue;
    const read = body.map((row) => readCell(row[index] ?? "")).filter((cell) => cell !== undefined);
    const inPercent =
      /%|percent|pct/i.test(headed ? (first[index] ?? "") : "") ||
      read.some((cell) => cell.percent) ||
      (field !== "marketReturn" && read.reduce((sum, cell) => sum + Math.abs(Number(cell.text)), 0) > 2);
    scale.set(field, inPercent ? 0 : 2);
    const what = { marketReturn: "Returns", target: "Target weights", current: "Current weights" }[field];
    remarks.push(`${what} read as ${inPercent ? "percent" : "fractions"}.`);
  }
  const assets = body.map((row) => {
    const values: Partial<Record<Field, string>> = {};
    columns.forEach((field, index) => {
      if (!field) return;
      const cell = row[index] ?? "";
      if (field === "asset") values.asset = cell.trim();
      else {
        const read = readCell(cell);
        values[field] = read ? shift(read.text, scale.get(field) ?? 0) : cell.trim();
      }
    });
    return emptyAsset(values);
  });
  remarks.unshift(`${assets.length} assets read.`);
  return { assets, remarks };
}

function byHeading(headings: readonly string[]): (Field | undefined)[] {
  const taken = new Set<Field>();
  return headings.map((heading) => {
    const found = HEADINGS.find(([pattern, field]) => pattern.test(heading.trim()) && !taken.has(field))?.[1];
    if (found) taken.add(found);
    return found;
  });
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
