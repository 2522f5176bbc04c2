/** Codes of the service in words. A code this page does not know is shown as it is. */

import type { TradeEntry } from "../api/types";

const REASONS: Record<string, string> = {
  drift_breach: "Drift beyond the threshold: back to target",
  funding: "In band: sold to fund the buys",
  absorption: "In band: absorbs what the other trades leave",
  within_band: "Within its band: nothing to do",
  unfunded: "No cash to pay for it: left undone",
  turnover_limit: "Held back by the turnover limit",
  below_minimum: "Smaller than the minimum trade",
  optimal: "Solved: pays for itself within the limits",
  worth_too_little: "Past its band, but the plan would be worth too little",
  limits_conflict: "No portfolio satisfies the limits",
};

export function reasonInWords(code: string): string {
  return REASONS[code] ?? code.replaceAll("_", " ");
}

const UNTRADED: Record<string, string> = {
  within_band: "within their band",
  unfunded: "without funds to buy them",
  turnover_limit: "held back by the turnover limit",
  below_minimum: "below the minimum trade",
  optimal: "best left as they are",
  worth_too_little: "worth too little to trade",
  limits_conflict: "held: the limits contradict each other",
};

/** Why one asset of a plan trades or does not. */
export function reasonOf(trade: TradeEntry): string {
  if (trade.action !== "Hold" || trade.reason !== "optimal") return reasonInWords(trade.reason);
  return "Solved: a trade would not pay for itself";
}

/** Why assets do not trade, after their number: "2 within their band". */
export function untradedInWords(code: string): string {
  return UNTRADED[code] ?? code.replaceAll("_", " ");
}

const DECISIONS: Record<string, string> = {
  APPROVED: "Approved",
  REVIEW_REQUIRED: "Review required",
  REJECTED: "Rejected",
  CONTRADICTION: "No plan",
};

export function decisionInWords(code: string): string {
  return DECISIONS[code] ?? code;
}

const FLAGS: Record<string, string> = {
  var_95: "Daily VaR at 95%",
  max_drawdown: "Maximum drawdown",
  turnover: "Turnover, governance cap",
  live_drawdown: "Drawdown from the high-water mark",
};

export function flagInWords(code: string): string {
  return FLAGS[code] ?? code.replaceAll("_", " ");
}

const MEASURES: Record<string, string> = {
  volatility: "Annual volatility",
  var_95: "Daily VaR at 95%",
  cvar_95: "Daily expected shortfall at 95%",
  tracking_error: "Annual tracking error against the policy",
  concentration: "Concentration",
  turnover: "Turnover, two-way",
  data_shortfall: "Missing data",
};

export function measureInWords(code: string): string {
  return MEASURES[code] ?? code.replaceAll("_", " ");
}

const SEVERITIES: Record<string, string> = {
  clear: "Clear",
  warning: "Warning",
  not_assessed: "Not assessed",
  critical: "Critical",
  blocking: "Rejected",
};

export function severityInWords(code: string): string {
  return SEVERITIES[code] ?? code.replaceAll("_", " ");
}
