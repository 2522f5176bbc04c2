/** What a transformer says of the coming days: what to ask it for, and its answer as rows. */

import type { ForecastRequest, ModelList, PlanRequest, Quantiles } from "../api/types";
import { commonTail, datesOf } from "./statistics";

/** Returns of each asset that are sent at most: an answer needs no more, and a request has room for so many. */
const MOST = 1_000;

/** The ids of the transformers of an inventory, the latest first. */
export function transformersOf({ models }: ModelList): string[] {
  return models.flatMap(({ id }) => (id.startsWith("transformer_") ? [id] : [])).reverse();
}

/** The question about a portfolio, or why it cannot be asked. */
export function questionOf(request: PlanRequest, transformer: string): ForecastRequest | string {
  const assets = request.assets.filter((asset) => (asset.historical_returns ?? []).length > 0);
  if (assets.length === 0) return "No asset has a history.";
  const histories = commonTail(assets.map((asset) => (asset.historical_returns ?? []).slice(-MOST)));
  const dates = datesOf(request.dates ?? [], histories[0]?.length ?? 0);
  if (dates.length === 0) return "The portfolio was sent without the dates of its returns, and the weekday is an input.";
  return {
    assets: assets.map(({ asset }, i) => ({ asset, historical_returns: histories[i] ?? [] })),
    quantiles: { trained_model: transformer, dates: [...dates] },
  };
}

/** The weight of an input in one of the two selections. */
export interface SelectionRow {
  kind: "past" | "known ahead";
  input: string;
  weight: number;
}

/** Selection weights, the largest of each kind first. */
export function selectionRows({ explanation }: Quantiles): SelectionRow[] {
  const rows = (kind: SelectionRow["kind"], weights: Quantiles["explanation"]["past_inputs"]): SelectionRow[] =>
    weights.map(({ input, weight }) => ({ kind, input, weight })).sort((a, b) => b.weight - a.weight);
  return [...rows("past", explanation.past_inputs), ...rows("known ahead", explanation.known_inputs)];
}

/** The days that attention falls on: 0 is the last day of the history, 1 the next one. */
export function attentionDays({ explanation }: Quantiles): number[] {
  const rows = explanation.attention;
  const behind = (rows[0]?.weights.length ?? 1) - 1;
  return Array.from({ length: behind + rows.length }, (_, i) => i - behind + 1);
}
