/** What a backtest assumed or could not say, in words: a reason once, with the figures and policies that it is true of. */

import type { BacktestResponse } from "../api/types";

/** Figures of a policy, as the table of them is headed. */
const FIGURES: Readonly<Record<string, string>> = {
  volatility: "volatility",
  sharpe: "Sharpe ratio",
  expected_annual_return: "mean return a year",
  annual_growth: "growth a year",
  tracking_error: "tracking error",
  annual_turnover_two_way: "two-way turnover a year",
  annual_cost: "costs a year",
};

export interface Told {
  text: string;
  /** Whether it says that the figures flatter. */
  isGrave: boolean;
}

export function warningsInWords({ warnings, policies }: Pick<BacktestResponse, "warnings" | "policies">): Told[] {
  const byReason = new Map<string, { isGrave: boolean; figures: Set<string>; of: Set<number> }>();
  for (const { code, detail, pointer } of warnings) {
    const found = byReason.get(detail) ?? { isGrave: code === "survivors_only", figures: new Set(), of: new Set() };
    const [, policy, metric = ""] = /^\/policies\/(\d+)\/metrics\/(\w+)$/.exec(pointer ?? "") ?? [];
    if (policy !== undefined) {
      found.figures.add(FIGURES[metric] ?? metric.replaceAll("_", " "));
      found.of.add(Number(policy));
    }
    byReason.set(detail, found);
  }
  return [...byReason].map(([detail, { isGrave, figures, of }]) => {
    const names = [...of].map((i) => policies[i]?.name ?? `policy ${i + 1}`);
    const whose = of.size === policies.length ? "every policy" : names.join(", ");
    const where = figures.size === 0 ? "" : `: ${[...figures].join(", ")} of ${whose}`;
    return {
      text: `${detail.charAt(0).toUpperCase()}${detail.slice(1)}${where}${/[.!?]$/.test(detail) && where === "" ? "" : "."}`,
      isGrave,
    };
  });
}
