/** A backtest as a file: wealth and drawdown of every policy by day. */

import type { BacktestResponse } from "../api/types";
import { csvCell } from "../exports/files";

/** `dates`: those of the returns of the request, if it had any; the day before the first return has none. */
export function backtestCsv(answer: BacktestResponse, dates?: readonly string[] | null): string {
  const head = dates ? ["day", "date"] : ["day"];
  for (const { name } of answer.policies) head.push(`${name}: wealth`, `${name}: drawdown`);
  const days = answer.policies[0]?.wealth.length ?? 0;
  const rows = Array.from({ length: days }, (_, t) => [
    answer.first_day + t,
    ...(dates ? [dates[answer.first_day + t - 1] ?? ""] : []),
    ...answer.policies.flatMap(({ wealth, drawdown }) => [wealth[t] ?? "", drawdown[t] ?? ""]),
  ]);
  return [head, ...rows].map((row) => row.map(csvCell).join(",")).join("\r\n") + "\r\n";
}
