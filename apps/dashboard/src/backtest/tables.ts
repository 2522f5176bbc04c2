/** The figures of a backtest with their intervals, its comparisons, and its days. */

import type { BacktestComparison, BacktestDecision, BacktestResponse, BacktestResult } from "../api/types";
import { h } from "../dom/element";
import { dataTable } from "../dom/table";
import { count, decimal, integer, MISSING, money, percent } from "../format";

export function figuresTable(answer: BacktestResponse, currency: string): HTMLElement {
  const interval = (range: { lower: number; upper: number } | null | undefined, format: (value: number) => string): string =>
    range ? ` (${format(range.lower)} to ${format(range.upper)})` : "";
  const share = (value: number): string => percent(value);
  const ratio = (value: number): string => decimal(value);
  return dataTable<BacktestResult>(
    [
      { title: "Policy", heading: true, cell: (row) => row.name },
      { title: "Wealth per unit", numeric: true, cell: (row) => decimal(row.terminal_wealth, 4) },
      { title: "Growth a year", numeric: true, cell: (row) => percent(row.annual_growth) },
      {
        title: "Volatility, 95 % interval",
        numeric: true,
        cell: (row) => percent(row.metrics.volatility) + interval(row.intervals.volatility, share),
      },
      {
        title: "Sharpe ratio, 95 % interval",
        numeric: true,
        cell: (row) => decimal(row.metrics.sharpe) + interval(row.intervals.sharpe, ratio),
      },
      { title: "Largest drawdown", numeric: true, cell: (row) => percent(row.metrics.max_drawdown) },
      { title: "Tracking error to the first", numeric: true, cell: (row) => percent(row.metrics.tracking_error) },
      { title: "Two-way turnover", numeric: true, cell: (row) => percent(row.turnover_two_way, 1) },
      { title: "Costs", numeric: true, cell: (row) => money(row.costs, currency) },
      { title: "Trades", numeric: true, cell: (row) => integer(row.trades) },
    ],
    answer.policies,
    { caption: "After costs" },
  );
}

/** "Bands 5/25 beside buy and hold: not distinguishable." */
export function comparisonsTable(answer: BacktestResponse): HTMLElement {
  return dataTable<BacktestComparison>(
    [
      { title: "Policy", heading: true, cell: (row) => row.a },
      { title: "Beside", cell: (row) => row.b },
      { title: "Verdict", cell: (row) => h("strong", {}, row.verdict) },
      { title: "Statistic", numeric: true, cell: (row) => decimal(row.statistic) },
      { title: "p-value", numeric: true, cell: (row) => decimal(row.p_value, 3) },
      { title: "Level", numeric: true, cell: (row) => percent(row.significance, 0) },
      { title: "Tries allowed for", numeric: true, cell: (row) => integer(row.trials) },
    ],
    answer.comparisons,
    { caption: "Growth of wealth compared, day by day" },
  );
}

/** The days on which a policy traded, each with a button that opens its decision. */
export function daysTable(result: BacktestResult, currency: string, open: (decision: BacktestDecision) => void): HTMLElement {
  const day = (row: BacktestDecision): string => row.date ?? `day ${integer(row.day)}`;
  return dataTable<BacktestDecision>(
    [
      {
        title: "Day",
        heading: true,
        cell: (row) =>
          h(
            "button",
            { type: "button", class: "link", onclick: () => open(row) },
            day(row),
            h("span", { class: "visually-hidden" }, `: open its decision`),
          ),
      },
      { title: "Value before", numeric: true, cell: (row) => money(row.value_before, currency) },
      { title: "Two-way turnover", numeric: true, cell: (row) => percent(row.turnover_two_way) },
      {
        title: "Costs",
        numeric: true,
        cell: (row) =>
          money(
            row.trades.reduce((sum, trade) => sum + trade.cost, 0),
            currency,
          ),
      },
      { title: "Trades", numeric: true, cell: (row) => (row.trades.length === 0 ? MISSING : integer(row.trades.length)) },
    ],
    result.decisions,
    { caption: `${result.name}: ${count(result.decisions.length, "day")} with trades`, pageSize: 25 },
  );
}
