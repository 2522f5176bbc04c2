/** Codes of the service in words. A code this page does not know is shown as it is. */

import type { IntentKind, OrderEntry, PlanWarning, TradeEntry, WeightEntry } from "../api/types";
import { decimal, integer, percent, type Figure } from "../format";

/** Words by code; a newer service may send a code that is not among them. */
type Words<Code extends string> = Readonly<Record<Code, string>> & { readonly [code: string]: string | undefined };

const REASONS: Words<TradeEntry["reason"]> = {
  drift_breach: "Drift beyond its band: back towards target",
  funding: "In band: sold to fund the buys",
  absorption: "In band: uses leftover cash",
  within_band: "Within its band: nothing to do",
  unfunded: "No cash to pay for it: left undone",
  turnover_limit: "Held back by the turnover limit",
  below_minimum: "Smaller than the minimum trade",
  optimal: "Solved: pays for itself within the limits",
  nearest_policy: "As near to its target as the limits allow; no risk is measured",
  worth_too_little: "Past its band, but trading it is worth too little",
  limits_conflict: "No portfolio satisfies the limits",
  cash_band: "Cash is outside its band: brings it back",
  invest_cash: "Invests the cash",
  raise_cash: "Raises the cash asked for",
  liquidation: "Everything is sold",
  frozen: "Frozen: held and never traded",
  excluded: "Excluded: outside the portfolio",
  no_buy: "May not be bought",
  no_sell: "May not be sold",
  settles_late: "A sale would settle too late",
  not_picked: "Not picked on the worksheet",
  outside_intent: "Not part of what the plan is for",
  intent_amount: "Outside its band: the amount is reached without it",
  below_lot: "Smaller than one lot",
  below_min_notional: "Smaller than the smallest order allowed",
  below_min_quantity: "Fewer units than an order may have",
  ticket_limit: "Other orders use up the number allowed",
  not_due: "No trading day of the policy",
  group_breach: "In band: its group is outside its own",
  whole_book: "In band: the whole book is traded",
  selected: "Picked on the worksheet",
  scheduled: "The day is scheduled for a rebalance",
};

export function reasonInWords(code: string): string {
  return REASONS[code] ?? code.replaceAll("_", " ");
}

const UNTRADED: { readonly [code: string]: string | undefined } = {
  within_band: "within their band",
  unfunded: "without funds to buy them",
  turnover_limit: "held back by the turnover limit",
  below_minimum: "below the minimum trade",
  optimal: "best left as they are",
  nearest_policy: "as near to their targets as the limits allow",
  worth_too_little: "worth too little to trade",
  limits_conflict: "held: the limits contradict each other",
  frozen: "frozen",
  excluded: "outside the portfolio",
  no_buy: "that may not be bought",
  no_sell: "that may not be sold",
  settles_late: "that would settle too late",
  not_picked: "not picked",
  outside_intent: "outside what the plan is for",
  intent_amount: "not needed for the amount",
  below_lot: "short of one lot",
  below_min_notional: "below the smallest order",
  below_min_quantity: "below the smallest quantity",
  ticket_limit: "beyond the number of orders allowed",
  not_due: "not due today",
};

/** Why one asset of a plan trades or does not; `isBound` where the turnover limit leaves part of what is wanted undone. */
export function reasonOf(trade: TradeEntry, isBound: boolean): string {
  if (trade.reason === "drift_breach" && isBound)
    return "Drift beyond its band: towards target as far as the turnover limit lets it";
  if (trade.action !== "Hold" || trade.reason !== "optimal") return reasonInWords(trade.reason);
  return isBound ? "Solved: other trades are worth more within the turnover limit" : "Solved: a trade would not pay for itself";
}

/** Why assets do not trade, after their number: "2 within their band". */
export function untradedInWords(code: string): string {
  return UNTRADED[code] ?? code.replaceAll("_", " ");
}

const WARNINGS: Words<PlanWarning["code"]> = {
  implausible_input: "Probably a mistake",
  weights_normalized: "Weights scaled",
  cash_target_implied: "Cash target taken from the targets",
  price_defaulted: "Price missing",
  similar_names: "Two names look alike",
  price_missing: "Days without a price",
  holding_weights_sum: "Holdings do not sum to 100%",
  history_missing: "History missing",
  risk_not_measured: "No history, no risk measured",
  histories_aligned: "Histories of different length",
  history_completed: "History completed",
  history_short: "History short",
  benchmark_aligned: "Benchmark of different length",
  forecast_fallback: "Forecast without the model",
  cash_off_target: "Cash off its target",
  cash_not_raised: "Less cash raised than asked for",
  cash_not_invested: "Less cash invested than asked for",
  cash_short_at_limits: "Limit prices would overdraw the cash",
  costs_more_than_worth: "Costs more than it is worth",
  turnover_unspent: "Turnover limit not used in full",
  survivors_only: "Survivors only",
  periods_inferred: "Periods of a year taken from the dates",
  cadence_ignored: "A cadence that changes nothing",
  figure_unavailable: "Figure unavailable",
};

/** A warning of the plan, or what is wrong with the data of an asset. */
export function warningInWords(code: string): string {
  return WARNINGS[code] ?? `Data quality: ${code.replaceAll("_", " ")}`;
}

const FUNDING: Words<NonNullable<OrderEntry["funding"]>> = {
  not_needed: "Needs no cash",
  cash: "Paid from cash",
  sales: "Paid from sales that settle in time",
  after_settlement: "Waits until the sales have settled",
  short: "Not paid for in full",
};

export function fundingInWords(code: string): string {
  return FUNDING[code] ?? code.replaceAll("_", " ");
}

const INTENTS: Words<IntentKind> = {
  rebalance: "Rebalance",
  invest_cash: "Invest cash",
  raise_cash: "Raise cash",
  buy_only: "Buy only",
  sell_only: "Sell only",
  liquidate: "Liquidate",
};

export function intentInWords(code: string): string {
  return INTENTS[code] ?? code.replaceAll("_", " ");
}

const ROLES: Words<WeightEntry["role"]> = { tradable: "Tradable", frozen: "Frozen", excluded: "Excluded" };

export function roleInWords(code: string): string {
  return ROLES[code] ?? code.replaceAll("_", " ");
}

/** The service compares with limits; a plan is approved by people. */
const DECISIONS: Record<string, string> = {
  APPROVED: "Within limits",
  REVIEW_REQUIRED: "Review required",
  REJECTED: "Rejected",
  CONTRADICTION: "No plan",
};

export function decisionInWords(code: string): string {
  return DECISIONS[code] ?? code;
}

/** The verdict's own sentence, which begins with its decision, in the page's word for it. */
export function verdictInWords(sentence: string): string {
  return sentence.replace(/^Approved(?=:)/, DECISIONS["APPROVED"] as string);
}

/** What only the brief flags. */
const FLAGS: Record<string, string> = {
  max_drawdown: "Maximum drawdown",
  live_drawdown: "Drawdown from the high-water mark",
};

export function flagInWords(code: string): string {
  return FLAGS[code] ?? measureInWords(code);
}

/** One measure has one name: that of the brief, here with a capital letter. */
const MEASURES: Record<string, string> = {
  volatility: "Annual volatility",
  var_95: "One-day VaR95",
  cvar_95: "One-day CVaR95",
  tracking_error: "Annual tracking error",
  stress_loss: "Stress loss",
  concentration: "Largest weight",
  turnover: "Two-way turnover",
  unraised_cash: "Cash not raised",
  net_cost: "Net cost of the trades",
  data_shortfall: "Data-quality shortfall",
  implausible_inputs: "Implausible inputs",
};

/** The value of a measure, or one of its levels: a number of figures, basis points, or a fraction. */
export function measured(code: string, value: Figure): string {
  if (code === "implausible_inputs") return integer(value);
  if (code !== "net_cost") return percent(value);
  return value === null || value === undefined ? decimal(value) : `${decimal(1e4 * value)} bps`;
}

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
