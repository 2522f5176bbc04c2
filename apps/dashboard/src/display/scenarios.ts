/** The request for scenarios that a plan makes, the parts of a scenario's bar, and reverse stress as a sentence. */

import type { HistoricalScenario, Plan, PlanRequest, ReverseScenario, ScenarioRequest } from "../api/types";
import { count, decimal, integer, percent, shortName, tiny } from "../format";
import { commonTail } from "./statistics";

/** Fewer returns than this say too little of correlations. */
const LEAST_RETURNS = 60;
const MOST_RETURNS = 100_000;
const MOST_ASSETS = 500;
const LOSS = 0.2;
/** Assets with a part of their own in a bar; the others share one. */
const PARTS = 5;
/** Assets that reverse stress names. */
const NAMED = 4;

/** The weights of now, and the histories that are long enough for reverse stress. */
export function scenarioRequest(request: PlanRequest, plan: Plan): ScenarioRequest {
  const assets = plan.weights.map((w) => ({ asset: w.asset, weight: w.current_weight }));
  const long = request.assets.filter((asset) => (asset.historical_returns ?? []).length >= LEAST_RETURNS);
  const body: ScenarioRequest = { portfolio_value: plan.portfolio_value, assets };
  if (long.length === 0 || long.length > MOST_ASSETS) return body;
  const room = Math.floor(MOST_RETURNS / long.length);
  const histories = commonTail(long.map((asset) => asset.historical_returns ?? [])).map((history) => history.slice(-room));
  if (room < LEAST_RETURNS) return body;
  const returns = Object.fromEntries(long.map((asset, i) => [asset.asset.trim(), histories[i] ?? []]));
  return { ...body, returns, reverse: { loss: LOSS } };
}

export interface BarPart {
  /** The asset, or how many share the part. */
  label: string;
  profit: number;
  /** Ends on the scale of all bars, from 0 to 1; losses lie left of `zero`. */
  from: number;
  to: number;
}

export interface Scale {
  zero: number;
  width: number;
}

/** One scale for the bars of all scenarios: the longest sum of losses left of zero, of gains right of it. */
export function scaleOf(scenarios: readonly HistoricalScenario[]): Scale {
  let [loss, gain] = [0, 0];
  for (const { by_asset } of scenarios) {
    const sum = (sign: number): number => by_asset.reduce((all, asset) => all + Math.max(0, sign * asset.profit_and_loss), 0);
    loss = Math.max(loss, sum(-1));
    gain = Math.max(gain, sum(1));
  }
  const width = loss + gain;
  return { zero: width > 0 ? loss / width : 0, width };
}

/** The parts of a scenario's bar, largest first from zero outwards on either side. */
export function partsOf(scenario: HistoricalScenario, { zero, width }: Scale): BarPart[] {
  if (width <= 0) return [];
  const sorted = [...scenario.by_asset].sort((a, b) => Math.abs(b.profit_and_loss) - Math.abs(a.profit_and_loss));
  const own = sorted.slice(0, PARTS).map((asset) => ({ label: asset.asset, profit: asset.profit_and_loss }));
  const rest = sorted.slice(PARTS);
  for (const sign of [-1, 1]) {
    const same = rest.filter((asset) => Math.sign(asset.profit_and_loss) === sign);
    const profit = same.reduce((sum, asset) => sum + asset.profit_and_loss, 0);
    if (same.length > 0) own.push({ label: count(same.length, "other"), profit });
  }
  let [left, right] = [zero, zero];
  const parts: BarPart[] = [];
  for (const { label, profit } of own) {
    const share = Math.abs(profit) / width;
    if (share === 0) continue;
    const [from, to] = profit < 0 ? [left - share, left] : [right, right + share];
    if (profit < 0) left = from;
    else right = to;
    parts.push({ label, profit, from, to });
  }
  return parts;
}

/** The most likely loss in a sentence with its numbers. */
export function reverseSentence(reverse: ReverseScenario): string {
  const worst = [...reverse.by_asset].sort((a, b) => a.profit_and_loss - b.profit_and_loss).slice(0, NAMED);
  const moves = worst.map((asset) => `${shortName(asset.asset)} ${percent(asset.return, 1)}`).join(", ");
  const left = reverse.not_assessed.length;
  return (
    `The move that most likely loses ${percent(reverse.loss, 0)} within ${integer(reverse.horizon_days)} days: ${moves}` +
    `${reverse.by_asset.length > NAMED ? ", …" : ""}. It is ${decimal(reverse.mahalanobis_distance, 1)} standard deviations away; ` +
    `under the normal law with mean zero a loss of that size has the probability ${tiny(reverse.normal_probability)}. ` +
    `Real tails are fatter.` +
    (left > 0 ? ` Left out for lack of a history, and taken to stay as they are: ${count(left, "asset")}.` : "")
  );
}
