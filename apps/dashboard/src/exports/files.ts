/** Files for the reader to keep: trades as CSV, the whole decision as JSON. */

import type { Plan, PlanRequest } from "../api/types";
import { reasonOf } from "../decision/words";

/**
 * A CSV cell. Spreadsheets run cells that begin with `= + - @`, tab or carriage return as formulas, so text that does gets an
 * apostrophe in front; numbers are numbers and stay.
 */
export function csvCell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r\n]/.test(value.trimStart()) || /^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function tradesCsv(plan: Plan): string {
  const rows: (string | number)[][] = [
    [
      "asset",
      "action",
      "reason",
      `signed_trade_value_${plan.currency}`,
      "trade_units",
      `estimated_cost_${plan.currency}`,
      "current_weight",
      "target_weight",
      "optimized_target_weight",
      "weight_after",
      "drift",
      "residual_drift",
    ],
  ];
  plan.trades.forEach((trade, i) => {
    const w = plan.weights[i];
    if (!w) return;
    rows.push([
      trade.asset,
      trade.action,
      reasonOf(trade),
      trade.signed_trade_value,
      trade.trade_units,
      trade.estimated_cost,
      w.current_weight,
      w.target_weight,
      w.optimized_target_weight,
      w.weight_after,
      w.drift,
      w.residual_drift,
    ]);
  });
  return rows.map((row) => row.map(csvCell).join(",")).join("\r\n") + "\r\n";
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
