/** The analysis for a spreadsheet: one line an order, then the total; numbers as the service answered them. */

import type { TcaAnswer, TcaCosts } from "../api/types";
import { csvCell } from "../exports/files";

const COSTS = [
  ...["decision_value", "shortfall", "shortfall_bps", "delay", "delay_bps", "trading", "trading_bps"],
  ...["opportunity", "opportunity_bps", "fees", "fees_bps", "spread", "impact", "against_vwap", "beyond_estimate"],
] as const;

export function analysisCsv(answer: TcaAnswer, labels: readonly string[]): string {
  const line = (label: string, costs: TcaCosts): (string | number)[] => [
    label,
    answer.currency,
    ...COSTS.map((member) => (costs as unknown as Record<string, number | null>)[member] ?? ""),
    costs.kissell.delay,
    costs.kissell.opportunity ?? "",
  ];
  const rows = [
    ["order", "currency", ...COSTS, "kissell_delay", "kissell_opportunity"],
    ...answer.orders.map((costs, i) => line(labels[i] ?? String(i + 1), costs)),
    line("total", answer.total),
  ];
  return rows.map((row) => row.map(csvCell).join(",")).join("\r\n") + "\r\n";
}
