/** Codes of the service in words. A code this page does not know is shown as it is. */

const REASONS: Record<string, string> = {
  drift_breach: "Drift beyond the threshold: back to target",
  funding: "In band: sold to fund the buys",
  absorption: "In band: takes up what others leave over",
  within_band: "Within its band: nothing to do",
  unfunded: "Buy without funds: left undone",
  below_minimum: "Smaller than the minimum trade",
};

export function reasonInWords(code: string): string {
  return REASONS[code] ?? code.replaceAll("_", " ");
}

const UNTRADED: Record<string, string> = {
  within_band: "within their band",
  unfunded: "without funds to buy them",
  below_minimum: "below the minimum trade",
};

/** Why assets do not trade, after their number: "2 within their band". */
export function untradedInWords(code: string): string {
  return UNTRADED[code] ?? code.replaceAll("_", " ");
}

const DECISIONS: Record<string, string> = { APPROVED: "Approved", REVIEW_REQUIRED: "Review required" };

export function decisionInWords(code: string): string {
  return DECISIONS[code] ?? code;
}

const FLAGS: Record<string, string> = { var_95: "Daily VaR at 95%", max_drawdown: "Maximum drawdown", turnover: "Turnover, governance cap" };

export function flagInWords(code: string): string {
  return FLAGS[code] ?? code.replaceAll("_", " ");
}
