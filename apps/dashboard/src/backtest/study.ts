/** The backtest that the reader asks for: policies on the histories of the book in the editor. */

import type { BacktestPolicy, BacktestRequest } from "../api/types";
import { shift } from "../portfolio/decimal";
import type { Draft } from "../portfolio/draft";
import { readTyped } from "../portfolio/typed";

/** A policy that the page offers. */
export type Choice = "hold" | "monthly" | "five" | "own" | "optimal";

export const CHOICES: readonly (readonly [Choice, string])[] = [
  ["hold", "Buy and hold"],
  ["monthly", "Rebalanced monthly"],
  ["five", "Bands 5/25, looked at daily"],
  ["own", "The bands of this portfolio, looked at daily"],
  ["optimal", "Optimal weights, monthly"],
];

/** Fewest returns of an optimal policy: the service plans from the 60th on. */
const OPTIMAL_LEAST = 62;

export type Study = { request: BacktestRequest } | { reason: string };

/** The request of a study, or why there is none. The first policy is the one that the others are compared with. */
export function studyOf(draft: Draft, choices: readonly Choice[], costBps: string): Study {
  const assets = draft.assets.filter((row) => row.asset.trim() !== "");
  if (assets.length === 0) return { reason: "A backtest needs a book: enter one under Portfolio." };
  const bare = assets.find((row) => row.history.length === 0);
  if (bare) return { reason: `${bare.asset} has no history. A backtest replays the returns of every asset.` };
  if (choices.length === 0) return { reason: "Choose at least one policy." };
  const periods = Math.min(...assets.map((row) => row.history.length));
  if (choices.includes("optimal") && periods < OPTIMAL_LEAST)
    return { reason: `The optimal method needs ${OPTIMAL_LEAST} returns of each asset; there are ${periods}.` };
  const cost = readTyped(costBps);
  if (costBps.trim() !== "" && cost.kind !== "number") return { reason: `${costBps} is no number of basis points.` };
  const weights = assets.map((row) => fraction(row.target));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) return { reason: "A backtest needs target weights." };
  // The histories end together: what one has more than another is older.
  const returns = Object.fromEntries(assets.map((row) => [row.asset.trim(), row.history.slice(-periods).map(Number)]));
  const named = (choice: Choice): string => CHOICES.find(([key]) => key === choice)?.[1] ?? choice;
  const policies = choices.map((choice) => ({
    ...policyOf(choice, draft),
    name: named(choice),
    weights: total > 1 ? weights.map((weight) => weight / total) : weights,
    ...(costBps.trim() === "" ? {} : { transaction_cost_bps: Number(cost.kind === "number" ? cost.text : costBps) }),
  }));
  return { request: { returns, ...datesOf(draft, periods), policies, ...startingValue(draft) } };
}

/** The dates of the newest returns, where the file that they came from had them: a month is then a month and not 21 rows. */
function datesOf(draft: Draft, periods: number): Pick<BacktestRequest, "dates"> {
  const dates = draft.dates.slice(-periods);
  const isCalendar = dates.every((date, i) => /^\d{4}-\d{2}-\d{2}$/.test(date) && (i === 0 || (dates[i - 1] ?? "") < date));
  return dates.length === periods && isCalendar ? { dates: [...dates] } : {};
}

function policyOf(choice: Choice, draft: Draft): Pick<BacktestPolicy, "kind" | "rebalance" | "band" | "destination"> {
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
