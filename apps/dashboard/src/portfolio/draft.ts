/**
 * The portfolio being edited. Fields hold what was typed; the service alone decides what is valid, so text that is no number
 * is sent as text and its refusal comes back to the field. Weights, limits and rates are typed in percent and sent as fractions.
 */

import type { AssetRequest, HoldingRequest, PlanRequest } from "../api/types";
import { isNumber, numberText, shift } from "./decimal";

export interface DraftAsset {
  /** Stable while the row lives, whatever its position. */
  readonly key: number;
  readonly asset: string;
  readonly target: string;
  readonly current: string;
  readonly price: string;
  readonly marketReturn: string;
  readonly costBps: string;
  readonly history: readonly (number | string)[];
  readonly holdings: readonly HoldingRequest[];
}

export interface Draft {
  readonly name: string;
  readonly description: string;
  readonly value: string;
  readonly currency: string;
  readonly threshold: string;
  readonly turnover: string;
  readonly costBps: string;
  readonly riskFree: string;
  readonly policy: string;
  readonly liquidate: boolean;
  readonly model: string;
  readonly trackingError: string;
  readonly paths: string;
  readonly horizon: string;
  readonly seed: string;
  /** Kept from an upload and sent as it came; the page has no editor for it. */
  readonly benchmark: readonly number[];
  readonly assets: readonly DraftAsset[];
}

let nextKey = 1;

export function emptyAsset(values: Partial<DraftAsset> = {}): DraftAsset {
  return { asset: "", target: "", current: "", price: "", marketReturn: "", costBps: "", history: [], holdings: [], ...values, key: nextKey++ };
}

export function emptyDraft(): Draft {
  return {
    name: "", description: "", value: "1000000", currency: "USD", threshold: "2", turnover: "20", costBps: "10", riskFree: "2",
    policy: "normalize", liquidate: false, model: "ensemble-v2", trackingError: "1", paths: "10000", horizon: "30", seed: "42",
    benchmark: [], assets: [],
  };
}

const text = (value: unknown, places = 0): string =>
  value === undefined || value === null ? "" : typeof value === "number" ? shift(numberText(value), places) : String(value);

/** A draft of a request, e.g. a scenario or an uploaded file; omitted members take the service's defaults. */
export function draftOf(request: Partial<PlanRequest>): Draft {
  const base = emptyDraft();
  const or = (value: string, fallback: string): string => (value === "" ? fallback : value);
  return {
    name: text(request.name),
    description: text(request.description),
    value: text(request.portfolio_value),
    currency: or(text(request.currency), base.currency),
    threshold: or(text(request.drift_threshold, 2), base.threshold),
    turnover: or(text(request.turnover_limit, 2), base.turnover),
    costBps: or(text(request.transaction_cost_bps), base.costBps),
    riskFree: or(text(request.risk_free_rate, 2), base.riskFree),
    policy: or(text(request.weight_policy), base.policy),
    liquidate: request.liquidate === true,
    model: or(text(request.forecast_model), base.model),
    trackingError: or(text(request.tracking_error_budget, 2), base.trackingError),
    paths: or(text(request.monte_carlo?.paths), base.paths),
    horizon: or(text(request.monte_carlo?.horizon_days), base.horizon),
    seed: or(text(request.monte_carlo?.seed), base.seed),
    benchmark: request.benchmark_returns ?? [],
    assets: (request.assets ?? []).map((asset) =>
      emptyAsset({
        asset: text(asset.asset),
        target: text(asset.target_weight, 2),
        current: text(asset.current_weight, 2),
        price: text(asset.price),
        marketReturn: text(asset.market_return, 2),
        costBps: text(asset.transaction_cost_bps),
        history: asset.historical_returns ?? [],
        holdings: asset.holdings ?? [],
      }),
    ),
  };
}

/** Typed text as the wire has it: nothing, a number, or the text itself for the service to refuse. */
function wire(typed: string, places = 0): number | undefined {
  const trimmed = typed.trim();
  if (trimmed === "") return undefined;
  return isNumber(trimmed) ? Number(shift(trimmed, places)) : (trimmed as unknown as number);
}

/** Drops absent members. */
function present<T extends object>(members: T): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}

/** The request the draft stands for. */
export function requestOf(draft: Draft): PlanRequest {
  return present({
    name: draft.name || undefined,
    portfolio_value: wire(draft.value) as number,
    currency: draft.currency.trim() || undefined,
    drift_threshold: wire(draft.threshold, -2),
    turnover_limit: wire(draft.turnover, -2),
    transaction_cost_bps: wire(draft.costBps),
    risk_free_rate: wire(draft.riskFree, -2),
    weight_policy: draft.policy as PlanRequest["weight_policy"],
    liquidate: draft.liquidate || undefined,
    forecast_model: draft.model as PlanRequest["forecast_model"],
    tracking_error_budget: wire(draft.trackingError, -2),
    benchmark_returns: draft.benchmark.length > 0 ? [...draft.benchmark] : undefined,
    monte_carlo: present({ paths: wire(draft.paths), horizon_days: wire(draft.horizon), seed: wire(draft.seed) }),
    assets: draft.assets.map(assetRequest),
  });
}

function assetRequest(row: DraftAsset): AssetRequest {
  return present({
    asset: row.asset,
    target_weight: wire(row.target, -2) as number,
    current_weight: wire(row.current, -2) as number,
    price: wire(row.price),
    market_return: wire(row.marketReturn, -2),
    transaction_cost_bps: wire(row.costBps),
    historical_returns: row.history.length > 0 ? ([...row.history] as number[]) : undefined,
    holdings: row.holdings.length > 0 ? [...row.holdings] : undefined,
  });
}
