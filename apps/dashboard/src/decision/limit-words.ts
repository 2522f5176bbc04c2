/** The limits of the optimal method in words, with the names that the plan gives its assets. */

import type { ConstraintPrice, Limit, LimitRelaxation, Plan } from "../api/types";
import { decimal, money, percent } from "../format";

type Infeasibility = NonNullable<NonNullable<Plan["optimization"]>["infeasibility"]>;

/** A list of more limits than these is cut after the third. */
const LISTED = 4;

/** A limit by what it limits, without its article: "maximum weight of NASDAQ". */
export function limitInWords(limit: Limit, assets: readonly string[]): string {
  const asset = "asset" in limit ? (assets[limit.asset] ?? `asset ${limit.asset + 1}`) : "";
  switch (limit.kind) {
    case "cash_min":
      return "minimum cash";
    case "cash_max":
      return "maximum cash";
    case "lower":
      return `minimum weight of ${asset}`;
    case "upper":
      return `maximum weight of ${asset}`;
    case "trade":
      return `trading restriction or maximum trade of ${asset}`;
    case "group_lower":
      return `minimum weight of the group ${limit.name}`;
    case "group_upper":
      return `maximum weight of the group ${limit.name}`;
    case "exposure_lower":
      return `minimum exposure to ${limit.name}`;
    case "exposure_upper":
      return `maximum exposure to ${limit.name}`;
    case "turnover":
      return "turnover limit";
    case "leverage":
      return "leverage limit";
    case "tracking_error":
      return "maximum tracking error";
  }
}

/** The same where a line begins. */
export function limitTitle(limit: Limit, assets: readonly string[]): string {
  const text = limitInWords(limit, assets);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Whether a limit is counted in percent of the book; exposures and leverage are plain numbers. */
function isShare(limit: Limit): boolean {
  return limit.kind !== "exposure_lower" && limit.kind !== "exposure_upper" && limit.kind !== "leverage";
}

/** Where a limit stands, in its unit. */
export function levelInWords(limit: Limit, value: number): string {
  return isShare(limit) ? percent(value) : decimal(value, 4);
}

/** What the objective of a price measures where that is no money; nothing for a utility, a fraction of the book a year. */
export function measureOf(price: ConstraintPrice | undefined): string | undefined {
  switch (price?.objective) {
    case "variance":
      return "risk aversion times annual variance";
    case "tracking_error":
      return "risk aversion times squared annual tracking error";
    default:
      return undefined;
  }
}

/** What a limit costs at the margin. */
export function priceInWords(price: ConstraintPrice, { weights, currency }: Plan): string {
  const { limit, value, bp_per_point, currency_per_point } = price;
  const names = weights.map((w) => w.asset);
  const step = isShare(limit) ? "one percentage point" : "0.01";
  const measured = measureOf(price);
  const unit = measured ? `ten-thousandths of the objective, ${measured}` : "bp of the book a year";
  const amount =
    currency_per_point === null || currency_per_point === undefined ? "" : ` (${money(currency_per_point, currency)})`;
  return (
    `Loosening the ${limitInWords(limit, names)}, now ${levelInWords(limit, value)}, by ${step} ` +
    `is worth ${decimal(bp_per_point)} ${unit}${amount}.`
  );
}

/** Which limits contradict each other, and the smallest repair. */
export function conflictInWords({ conflict, repair }: Infeasibility, { weights }: Plan): string {
  const names = weights.map((w) => w.asset);
  const moved = ({ limit, from, to }: LimitRelaxation): string =>
    `the ${limitInWords(limit, names)} from ${levelInWords(limit, from)} to ${levelInWords(limit, to)}`;
  const limits = listed(conflict.map((limit) => `the ${limitInWords(limit, names)}`));
  return `No portfolio satisfies ${limits} together; the smallest repair moves ${listed(repair.relaxations.map(moved))}.`;
}

/** A sentence of the run's record in which the optimizer's own sentences, which number the assets, are told with names. */
export function withNames(sentence: string, plan: Plan): string {
  const found = plan.optimization;
  if (!found) return sentence;
  const told = found.constraint_prices.map((price) => [price.sentence, priceInWords(price, plan)] as const);
  if (found.infeasibility) told.push([found.infeasibility.sentence, conflictInWords(found.infeasibility, plan)]);
  const bare = (text: string): string => text.replace(/\.$/, "");
  return told.reduce((text, [theirs, ours]) => text.replace(bare(theirs), () => bare(ours)), sentence);
}

function listed(items: readonly string[]): string {
  const shown = items.length > LISTED ? [...items.slice(0, LISTED - 1), `${items.length - LISTED + 1} more`] : items;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
