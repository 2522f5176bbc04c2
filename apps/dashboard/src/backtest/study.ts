/** The backtest that the reader asks for: policies on the histories of the book in the editor. */

import type { BacktestPolicy, BacktestRequest, PlanRequest } from "../api/types";
import { shift } from "../portfolio/decimal";
import type { Draft } from "../portfolio/draft";
import { readTyped } from "../portfolio/typed";
import { requestOf } from "../portfolio/wire";
import type { DatedReturns } from "./histories";

/** A policy that the page offers. */
export type Choice = "hold" | "monthly" | "five" | "own" | "optimal" | "planned";

export const CHOICES: readonly (readonly [Choice, string])[] = [
  ["hold", "Buy and hold"],
  ["monthly", "Rebalanced monthly"],
  ["five", "Bands 5/25, looked at daily"],
  ["own", "The bands of this portfolio, looked at daily"],
  ["optimal", "Optimal weights, monthly"],
  ["planned", "As this portfolio is planned, monthly"],
];

/** Fewest returns of a policy that plans: the service plans from the 60th on. */
const PLANS_LEAST = 62;

export type Study = { request: BacktestRequest } | { reason: string };

/** The request of a study, or why there is none. The first policy is the one that the others are compared with. `shipped`: a history to
 * replay in place of the book's, in equal weights. */
export function studyOf(draft: Draft, choices: readonly Choice[], costBps: string, shipped?: DatedReturns): Study {
  if (choices.length === 0) return { reason: "Choose at least one policy." };
  if (shipped && choices.includes("planned"))
    return { reason: "The plan of this portfolio is one of its own assets: choose their histories for it." };
  const cost = readTyped(costBps);
  if (costBps.trim() !== "" && cost.kind !== "number") return { reason: `${costBps} is no number of basis points.` };
  const table = shipped ? equalWeights(shipped) : tableOf(draft);
  if ("reason" in table) return table;
  const { assets, weights, periods, ...histories } = table;
  if (choices.includes("optimal") && periods < PLANS_LEAST)
    return { reason: `The optimal method needs ${PLANS_LEAST} returns of each asset; there are ${periods}.` };
  if (choices.includes("planned") && periods < PLANS_LEAST)
    return { reason: `A replay of plans needs ${PLANS_LEAST} returns of each asset; there are ${periods}.` };
  const label = (choice: Choice): string => CHOICES.find(([key]) => key === choice)?.[1] ?? choice;
  const costs = costBps.trim() === "" ? {} : { transaction_cost_bps: Number(cost.kind === "number" ? cost.text : costBps) };
  const policies = choices.map((choice): BacktestPolicy =>
    choice === "planned"
      ? { name: label(choice), kind: "plan", rebalance: "monthly", plan: { ...planOf({ ...draft, assets }), ...costs } }
      : { ...policyOf(choice, draft), name: label(choice), weights, ...costs },
  );
  return { request: { ...histories, policies, ...startingValue(draft) } };
}

/** What is replayed: histories, and the weights of the policies in their order. */
type Table = Pick<BacktestRequest, "returns" | "dates"> & {
  readonly assets: Draft["assets"];
  readonly weights: number[];
  readonly periods: number;
};

function equalWeights({ returns, dates }: DatedReturns): Table {
  const names = Object.keys(returns);
  return {
    returns: Object.fromEntries(Object.entries(returns).map(([name, series]) => [name, [...series]])),
    dates: [...dates],
    assets: [],
    weights: names.map(() => 1 / names.length),
    periods: dates.length,
  };
}

function tableOf(draft: Draft): Table | { reason: string } {
  const named = new Map(draft.assets.filter((row) => row.asset.trim() !== "").map((row) => [row.asset.trim(), row]));
  // An object keeps names that are numbers before all others, and weights and plans follow its order.
  const assets = Object.values(Object.fromEntries(named));
  if (assets.length === 0) return { reason: "A backtest needs a book: enter one under Portfolio." };
  const bare = assets.find((row) => row.history.length === 0);
  if (bare) return { reason: `${bare.asset} has no history. A backtest replays the returns of every asset.` };
  const periods = Math.min(...assets.map((row) => row.history.length));
  const targets = assets.map((row) => fraction(row.target));
  const total = targets.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) return { reason: "A backtest needs target weights." };
  // The histories end together: what one has more than another is older.
  const returns = Object.fromEntries(assets.map((row) => [row.asset.trim(), row.history.slice(-periods).map(Number)]));
  const weights = total > 1 ? targets.map((weight) => weight / total) : targets;
  return { returns, ...datesOf(draft, periods), assets, weights, periods };
}

/** The dates of the newest returns, where the file that they came from had them: a month is then a month and not 21 rows. */
function datesOf(draft: Draft, periods: number): Pick<BacktestRequest, "dates"> {
  const dates = draft.dates.slice(-periods);
  const isCalendar = dates.every((date, i) => /^\d{4}-\d{2}-\d{2}$/.test(date) && (i === 0 || (dates[i - 1] ?? "") < date));
  return dates.length === periods && isCalendar ? { dates: [...dates] } : {};
}

/** What decides a plan of the book on any day. What is about today stays out, and so do lots: a history of returns has no unit price. */
function planOf(draft: Draft): PlanRequest {
  const request: Record<string, unknown> = { ...requestOf(draft) };
  for (const member of ["intent", "trigger", "regime_band_widening", "liquidate", "benchmark_returns", "monte_carlo", "dates"])
    delete request[member];
  const assets = requestOf(draft).assets.map((asset) => {
    const row: Record<string, unknown> = { ...asset, asset: asset.asset.trim() };
    for (const member of ["historical_returns", "holdings", "market_return", "lot_size", "min_quantity", "average_daily_volume"])
      delete row[member];
    return row;
  });
  return { ...request, assets } as unknown as PlanRequest;
}

function policyOf(
  choice: Exclude<Choice, "planned">,
  draft: Draft,
): Pick<BacktestPolicy, "kind" | "rebalance" | "band" | "destination"> {
  switch (choice) {
    case "hold":
      return { kind: "buy_and_hold" };
    case "monthly":
      return { kind: "fixed_weights", rebalance: "monthly" };
    case "five":
      return { kind: "band", band: { relative: 0.25, cap: 0.05 } };
    case "own":
      return { kind: "band", band: bandOf(draft), ...(draft.destination.trim() && { destination: fraction(draft.destination) }) };
    case "optimal":
      return { kind: "optimal", rebalance: "monthly" };
  }
}

function bandOf(draft: Draft): BacktestPolicy["band"] {
  if (draft.band === "self") return "self";
  if (draft.band === "5/25") return { relative: 0.25, cap: 0.05 };
  if (draft.band === "fixed") return fraction(draft.threshold);
  return {
    relative: fraction(draft.bandRelative),
    floor: fraction(draft.bandFloor),
    ...(draft.bandCap.trim() && { cap: fraction(draft.bandCap) }),
  };
}

/** A value of the account; a book entered by units is valued as it is. */
function startingValue(draft: Draft): Pick<BacktestRequest, "initial_value"> {
  const typed = (text: string): number => {
    const read = readTyped(text);
    return read.kind === "number" ? Number(read.text) : 0;
  };
  const value =
    draft.entry === "weights"
      ? typed(draft.value)
      : typed(draft.cash) + draft.assets.reduce((sum, row) => sum + typed(row.quantity) * typed(row.price), 0);
  return value >= 1 ? { initial_value: Math.round(100 * value) / 100 } : {};
}

function fraction(text: string): number {
  const read = readTyped(text);
  return read.kind === "number" ? Number(shift(read.text, -2)) : 0;
}
