/** Requests in JSON. What is no JSON, pasted cells as much as a file, is read by the service (`import/view.ts`). */

import type { PlanRequest } from "../api/types";
import type { Draft, DraftAsset } from "./draft";
import { draftOf } from "./wire";

export interface Reading {
  assets: DraftAsset[];
  /** A whole draft when the text held parameters too. */
  draft?: Draft;
  /** How the text was understood, for the reader to check. */
  remarks: string[];
}

/** Whether a text begins like JSON. */
export function isJson(text: string): boolean {
  return /^\ufeff?\s*[[{]/.test(text);
}

/** A request as the API documents it, or its list of assets. Throws an `Error` in words when it cannot be read. */
export function readRequest(text: string): Reading {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    throw new Error(`This is not JSON: ${error instanceof Error ? error.message : "unreadable"}.`);
  }
  const request = Array.isArray(value) ? { assets: value } : (value as Record<string, unknown>);
  if (!Array.isArray(request["assets"]) || request["assets"].some((row) => typeof row !== "object" || row === null)) {
    throw new Error("The file needs a list `assets` of objects, as in a request to /api/rebalance.");
  }
  const quoted = [
    ...quotedNumbers(request, NUMBERS, ""),
    ...request["assets"].flatMap((row, index) => quotedNumbers(row as object, NUMBERS_OF_ASSET, `/assets/${index}`)),
  ];
  if (quoted.length > 0)
    throw new Error(`Numbers stand in quotes, which leaves their unit open: ${listed(quoted)}. Write them without quotes.`);
  const unfit = listsOfOtherLength(request, request["assets"].length);
  const draft = draftOf(without(request, unfit) as Partial<PlanRequest>);
  const remarks = [`${draft.assets.length} assets read.`];
  const unknown = strangers(request, "");
  if (unknown.length > 0) remarks.push(`Not known here and left out: ${listed(unknown)}.`);
  if (unfit.length > 0)
    remarks.push(
      `Left out, for it needs one entry for each asset: ${listed(unfit.map(({ pointer, length }) => `${pointer} has ${length}`))}.`,
    );
  return Array.isArray(value) ? { assets: [...draft.assets], remarks } : { assets: [...draft.assets], draft, remarks };
}

/** The first few places, and whether there are more. */
function listed(places: readonly string[]): string {
  return `${places.slice(0, 5).join(", ")}${places.length > 5 ? " and more" : ""}`;
}

function quotedNumbers(members: object, numbers: readonly string[], at: string): string[] {
  return Object.entries(members).flatMap(([name, value]) =>
    numbers.includes(name) && typeof value === "string" ? [`${at}/${name}`] : [],
  );
}

/** Members of a request that a draft takes over, or keeps and sends as they came; whether a plan is stored, the page says itself. */
export const REQUEST_MEMBERS = [
  "name",
  "description",
  "title",
  "store",
  "client_reference",
  "metadata",
  "portfolio_value",
  "cash",
  "cash_target_weight",
  "cash_band",
  "intent",
  "band",
  "destination",
  "scope",
  "min_notional",
  "max_tickets",
  "limit_collar_bps",
  "trade_date",
  "posture",
  "groups",
  "trigger",
  "currency",
  "drift_threshold",
  "turnover_limit",
  "transaction_cost_bps",
  "costs",
  "risk_aversion",
  "horizon_years",
  "worth_min_bps",
  "regime_band_widening",
  "risk_free_rate",
  "weight_policy",
  "liquidate",
  "forecast_model",
  "trained_model",
  "learned_allocator",
  "tracking_error_budget",
  "dates",
  "benchmark_returns",
  "benchmark_name",
  "verdict_limits",
  "monte_carlo",
  "method",
  "optimization",
  "assets",
];
export const ASSET_MEMBERS = [
  "asset",
  "name",
  "asset_class",
  "account",
  "sleeve",
  "market",
  "identifiers",
  "target_weight",
  "current_weight",
  "quantity",
  "lot_size",
  "min_quantity",
  "role",
  "no_buy",
  "no_sell",
  "selected",
  "price",
  "market_return",
  "historical_returns",
  "transaction_cost_bps",
  "costs",
  "average_daily_volume",
  "holdings",
];
const NUMBERS = [
  ...["portfolio_value", "cash", "cash_target_weight", "cash_band", "destination", "min_notional", "max_tickets"],
  ...["limit_collar_bps", "drift_threshold", "turnover_limit", "transaction_cost_bps", "risk_aversion", "horizon_years"],
  ...["worth_min_bps", "regime_band_widening", "risk_free_rate", "tracking_error_budget"],
];
const NUMBERS_OF_ASSET = [
  ...["target_weight", "current_weight", "quantity", "lot_size", "price", "market_return", "transaction_cost_bps"],
  "average_daily_volume",
];

/**
 * Members of the objects that a draft takes apart, by their place; `*` is any position of a list. What stands in other objects is sent as
 * it came.
 */
export const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  "": REQUEST_MEMBERS,
  "/assets/*": ASSET_MEMBERS,
  "/intent": ["kind", "amount", "by"],
  "/band": ["relative", "floor", "cap"],
  "/groups/*": ["name", "asset_class", "sleeve", "band"],
  "/groups/*/band": ["relative", "floor", "cap"],
  "/trigger": [
    ...["kind", "days", "calendar", "last_rebalance", "cooldown_days", "persistence_days", "breached_since"],
    ...["staggering", "due_on"],
  ],
  "/trigger/calendar": ["exchange", "every"],
  "/trigger/staggering": ["window_days", "destination_jitter", "seed"],
  "/verdict_limits": ["risk_budget", "concentration", "turnover", "data_shortfall", "relaxations_max"],
  "/verdict_limits/risk_budget": ["warning_above", "critical_above"],
  "/verdict_limits/concentration": ["warning_above", "critical_above"],
  "/verdict_limits/turnover": ["warning_above", "critical_above"],
  "/verdict_limits/data_shortfall": ["warning_above", "critical_above", "blocking_above"],
  "/monte_carlo": ["paths", "horizon_days", "seed", "drift"],
  // The page has no field for the estimator `covariance`.
  "/optimization": [
    ...["goal", "risk_aversion", "lower", "upper", "cash_min", "cash_max", "groups", "exposures", "tracking_error_max"],
    ...["market_impact", "trade_max", "restrictions", "path"],
  ],
  "/optimization/path": ["periods", "forecast_half_life", "cash_flows"],
  "/optimization/groups/*": ["name", "members", "lower", "upper"],
  "/optimization/exposures/*": ["name", "loadings", "lower", "upper"],
  "/optimization/restrictions/*": ["asset", "kind"],
};

/** Places of the members that no draft takes over, in objects of any depth. */
function strangers(value: unknown, at: string): string[] {
  if (typeof value !== "object" || value === null) return [];
  const known = MEMBERS[at.replace(/\/\d+(?=\/|$)/g, "/*")];
  if (!Array.isArray(value) && known === undefined) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (known !== undefined && !known.includes(name)) return [`${at}/${name}`];
    return typeof inner === "object" ? strangers(inner, `${at}/${name}`) : [];
  });
}

/** A list of the optimal method that does not fit the assets: filling it up, or cutting it, would state limits that nobody did. */
interface Unfit {
  pointer: string;
  member: string;
  /** Position among the exposures, of a list of loadings. */
  exposure?: number;
  length: number;
}

function listsOfOtherLength(request: Record<string, unknown>, assets: number): Unfit[] {
  const limits = request["optimization"];
  if (typeof limits !== "object" || limits === null) return [];
  const { exposures, ...members } = limits as Record<string, unknown>;
  const own = ["lower", "upper", "trade_max", "market_impact"].flatMap((member): Unfit[] => {
    const list = members[member];
    return Array.isArray(list) && list.length !== assets
      ? [{ pointer: `/optimization/${member}`, member, length: list.length }]
      : [];
  });
  const loadings = (Array.isArray(exposures) ? exposures : []).flatMap((limit: unknown, exposure): Unfit[] => {
    const list = (limit as { loadings?: unknown } | null)?.loadings;
    return Array.isArray(list) && list.length !== assets
      ? [{ pointer: `/optimization/exposures/${exposure}/loadings`, member: "exposures", exposure, length: list.length }]
      : [];
  });
  return [...own, ...loadings];
}

/** The request without those lists; a limit on an exposure goes with its loadings. */
function without(request: Record<string, unknown>, unfit: readonly Unfit[]): Record<string, unknown> {
  if (unfit.length === 0) return request;
  const limits = { ...(request["optimization"] as Record<string, unknown>) };
  for (const { member, exposure } of unfit) if (exposure === undefined) delete limits[member];
  if (Array.isArray(limits["exposures"]))
    limits["exposures"] = limits["exposures"].filter((_, i) => !unfit.some(({ exposure }) => exposure === i));
  return { ...request, optimization: limits };
}
