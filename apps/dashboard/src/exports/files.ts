/** Files for the reader to keep: orders as CSV, the whole decision as JSON. */

import type { Plan, PlanRequest } from "../api/types";
import { numberText } from "../portfolio/decimal";
import { fundingInWords, reasonOf } from "../decision/words";

/**
 * A CSV cell. Spreadsheets run cells that begin with `= + - @`, tab or carriage return as formulas, so text that does gets an
 * apostrophe in front; numbers are numbers and stay.
 */
export function csvCell(value: string | number): string {
  if (typeof value === "number") return numberText(value);
  const safe = /^[=+\-@\t\r\n]/.test(value.trimStart()) || /^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line an order, in the sequence in which they are placed; numbers as the plan has them. */
export function ordersCsv(request: PlanRequest, plan: Plan): string {
  const head = [
    ...["plan_id", "trade_date", "account", "asset", "name", "isin", "asset_class", "side", "quantity"],
    ...["currency", "reference_price", "limit_price", "value", "estimated_cost", "reason", "funding", "waits_for"],
    ...["settles_on", "funded_from"],
  ];
  const rows = plan.orders.map((order) => {
    const trade = plan.trades[order.position];
    return [
      plan.metadata.plan_id ?? "",
      request.trade_date ?? "",
      order.account ?? "",
      order.asset,
      order.name ?? "",
      order.identifiers?.isin ?? "",
      order.asset_class ?? "",
      order.action,
      order.quantity,
      order.currency,
      order.reference_price,
      order.limit_price ?? "",
      order.trade_value,
      order.estimated_cost,
      trade ? reasonOf(trade, plan.turnover_bound) : "",
      order.funding === null ? "" : fundingInWords(order.funding),
      order.waits_for.join("; "),
      order.settles_on ?? "",
      order.funded_from ?? "",
    ];
  });
  return [head, ...rows].map((row) => row.map(csvCell).join(",")).join("\r\n") + "\r\n";
}

/** A file named by what is in it, the book, the day and the plan: "orders-household-2026-11-28-9f4a3f3e.csv". */
export function fileName(what: string, request: PlanRequest, plan: Plan, ending: string): string {
  const book = (request.name ?? "portfolio")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  const day = plan.metadata.timestamp_utc.slice(0, 10);
  return [what, book || "portfolio", day, (plan.metadata.plan_id ?? "").slice(0, 8)].filter(Boolean).join("-") + `.${ending}`;
}

export function decisionJson(request: PlanRequest, plan: Plan): string {
  return `${JSON.stringify({ request, response: plan }, null, 2)}\n`;
}

export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
