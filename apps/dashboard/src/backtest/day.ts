/** The book of one day of a backtest, and the request that plans it today. */

import type { BacktestPolicy, BacktestRequest, BacktestResult, PlanRequest } from "../api/types";

/** Returns that one request may hold, all assets together. */
const MOST_RETURNS = 100_000;
/** What an account is worth on the first day where the request does not say, as the contract has it. */
const INITIAL_VALUE = 1e9;

/** Values of the positions of a policy on a day before its trades, and its cash, in money. */
export function bookOn(
  request: BacktestRequest,
  result: BacktestResult,
  weights: readonly number[],
  first: number,
  day: number,
): { values: number[]; cash: number } {
  const assets = Object.keys(request.returns ?? {});
  const series = Object.values(request.returns ?? {});
  const start = request.initial_value ?? INITIAL_VALUE;
  const values = assets.map((_, i) => start * (weights[i] ?? 0));
  let cash = start - values.reduce((sum, value) => sum + value, 0);
  const traded = new Map(result.decisions.map((decision) => [decision.day, decision]));
  for (let row = first; row <= day; row += 1) {
    if (row > first) series.forEach((returns, i) => (values[i] = (values[i] ?? 0) * (1 + (returns[row - 1] ?? 0))));
    if (row === day) break;
    for (const trade of traded.get(row)?.trades ?? []) {
      const i = assets.indexOf(trade.asset);
      values[i] = (values[i] ?? 0) + trade.signed_trade_value;
      cash -= trade.signed_trade_value + trade.cost;
    }
  }
  return { values, cash };
}

/** The weights of a policy, in the order of the series: of its plan, as a list, by name, or the same for each. */
export function weightsOf({ weights, plan }: BacktestPolicy, assets: readonly string[]): number[] {
  if (plan) {
    const targets = new Map(plan.assets.map((asset) => [asset.asset.trim(), asset.target_weight]));
    const sum = [...targets.values()].reduce((total, target) => total + target, 0);
    // Beside quantities a sum below one leaves the rest in cash.
    const isScaled = plan.weight_policy === "normalize" || !plan.weight_policy;
    const leavesCash = plan.assets.some((asset) => asset.quantity !== undefined) && !plan.weight_policy && sum < 1;
    const scale = isScaled && !leavesCash && sum > 0 ? (1 - (plan.cash_target_weight ?? 0)) / sum : 1;
    return assets.map((asset) => (targets.get(asset.trim()) ?? 0) * scale);
  }
  const sent: number[] | Readonly<Record<string, number>> | null | undefined = weights;
  if (sent === null || sent === undefined) return assets.map(() => 1 / assets.length);
  return Array.isArray(sent) ? sent : assets.map((asset) => sent[asset] ?? 0);
}

/** A plan of the book of that day, with the histories up to it: what the policy saw. */
export function planOfDay(
  request: BacktestRequest,
  policy: BacktestPolicy,
  result: BacktestResult,
  first: number,
  day: number,
  currency: string,
): Partial<PlanRequest> {
  const series = Object.entries(request.returns ?? {});
  const weights = weightsOf(
    policy,
    series.map(([asset]) => asset),
  );
  const { values, cash } = bookOn(request, result, weights, first, day);
  const nav = values.reduce((sum, value) => sum + value, cash);
  const lookback = policy.lookback ?? day;
  const oldest = Math.max(0, day - Math.min(lookback, Math.floor(MOST_RETURNS / Math.max(series.length, 1))));
  if (policy.plan) {
    // The settings that the policy planned with, and the book of that day.
    const { cash: _cash, cash_target_weight: _target, portfolio_value: _value, assets, ...settings } = policy.plan;
    const places = new Map(series.map(([asset], i) => [asset.trim(), i]));
    return {
      ...settings,
      name: `${policy.name}, day ${day}`,
      portfolio_value: Math.round(100 * nav) / 100,
      currency,
      weight_policy: "cash_remainder",
      assets: assets.map(({ quantity: _units, price: _price, ...asset }) => {
        const i = places.get(asset.asset.trim()) ?? -1;
        return {
          ...asset,
          target_weight: weights[i] ?? 0,
          current_weight: nav > 0 ? (values[i] ?? 0) / nav : 0,
          historical_returns: (series[i]?.[1] ?? []).slice(oldest, day),
        };
      }),
    };
  }
  const rules: Partial<PlanRequest> =
    policy.kind === "optimal"
      ? { method: "optimal" }
      : policy.kind !== "band"
        ? { drift_threshold: 0 }
        : typeof policy.band === "number"
          ? { drift_threshold: policy.band }
          : { band: policy.band ?? { relative: 0.25, cap: 0.05 } };
  return {
    name: `${policy.name}, day ${day}`,
    portfolio_value: Math.round(100 * nav) / 100,
    currency,
    turnover_limit: 2,
    weight_policy: "cash_remainder",
    ...(policy.transaction_cost_bps !== undefined && { transaction_cost_bps: policy.transaction_cost_bps }),
    ...(policy.destination !== undefined && { destination: policy.destination }),
    ...rules,
    assets: series.map(([asset, returns], i) => ({
      asset,
      target_weight: weights[i] ?? 0,
      current_weight: nav > 0 ? (values[i] ?? 0) / nav : 0,
      historical_returns: returns.slice(oldest, day),
    })),
  } as Partial<PlanRequest>;
}
