/**
 * The portfolio being edited. Fields hold what was typed; the service alone decides what is valid, so text that is no number
 * is sent as text and its refusal comes back to the field. Weights, limits and rates are typed in percent and sent as fractions.
 */

import type { AssetIdentifiers, AssetRequest, HoldingRequest, OptimizationRequest, PlanRequest } from "../api/types";
import { isNumber, numberText, shift } from "./decimal";
import { DEFAULTS, OPTIMIZATION_DEFAULTS, SIMULATION_DEFAULTS } from "./defaults";

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
  /** Kept from an upload and sent as they came. */
  readonly identifiers: AssetIdentifiers;
  /** Own limits under the optimal method; empty where those of the book hold. */
  readonly lower: string;
  readonly upper: string;
  readonly maxTrade: string;
  readonly restriction: string;
  /** Kept from an upload and sent as it came. */
  readonly impact: number;
}

/** A limit on the total weight of some assets, which are named by their keys so that rows can move. */
export interface DraftGroup {
  readonly name: string;
  readonly members: readonly number[];
  readonly lower: string;
  readonly upper: string;
}

/** A limit on a weighted sum of weights: kept from an upload, with the loadings by the keys of the assets. */
export interface DraftExposure {
  readonly name: string;
  readonly loadings: ReadonlyMap<number, number>;
  readonly lower: number;
  readonly upper: number;
}

export interface Draft {
  readonly name: string;
  readonly description: string;
  /** The caller's own reference. */
  readonly reference: string;
  /** Kept from an upload and sent as it came. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly value: string;
  readonly currency: string;
  readonly threshold: string;
  readonly turnover: string;
  readonly costBps: string;
  readonly riskFree: string;
  readonly policy: string;
  readonly method: string;
  readonly riskAversion: string;
  readonly minWorth: string;
  /** Years over which the benefit of a plan is counted. */
  readonly years: string;
  readonly goal: string;
  /** Of the goal mean_variance. */
  readonly variancePrice: string;
  readonly lower: string;
  readonly upper: string;
  readonly cashMin: string;
  readonly cashMax: string;
  readonly trackingErrorMax: string;
  readonly groups: readonly DraftGroup[];
  readonly exposures: readonly DraftExposure[];
  readonly liquidate: boolean;
  readonly model: string;
  readonly trackingError: string;
  readonly paths: string;
  readonly horizon: string;
  readonly growth: string;
  readonly seed: string;
  /** Kept from an upload and sent as it came; the page has no editor for it. */
  readonly benchmark: readonly number[];
  readonly assets: readonly DraftAsset[];
}

let nextKey = 1;

export function emptyAsset(values: Partial<DraftAsset> = {}): DraftAsset {
  return {
    asset: "",
    target: "",
    current: "",
    price: "",
    marketReturn: "",
    costBps: "",
    history: [],
    holdings: [],
    identifiers: {},
    lower: "",
    upper: "",
    maxTrade: "",
    restriction: "",
    impact: 0,
    ...values,
    key: nextKey++,
  };
}

export function emptyDraft(): Draft {
  return {
    name: "",
    description: "",
    reference: "",
    metadata: {},
    value: "1000000",
    currency: DEFAULTS.currency,
    threshold: text(DEFAULTS.drift_threshold, 2),
    turnover: text(DEFAULTS.turnover_limit, 2),
    costBps: text(DEFAULTS.transaction_cost_bps),
    riskFree: text(DEFAULTS.risk_free_rate, 2),
    policy: DEFAULTS.weight_policy,
    method: DEFAULTS.method,
    riskAversion: text(DEFAULTS.risk_aversion),
    minWorth: "",
    years: text(DEFAULTS.horizon_years),
    goal: OPTIMIZATION_DEFAULTS.goal,
    variancePrice: text(OPTIMIZATION_DEFAULTS.risk_aversion),
    lower: "",
    upper: "",
    cashMin: "",
    cashMax: "",
    trackingErrorMax: "",
    groups: [],
    exposures: [],
    liquidate: false,
    model: DEFAULTS.forecast_model,
    trackingError: text(DEFAULTS.tracking_error_budget, 2),
    paths: text(SIMULATION_DEFAULTS.paths),
    horizon: text(SIMULATION_DEFAULTS.horizon_days),
    growth: SIMULATION_DEFAULTS.drift,
    seed: text(SIMULATION_DEFAULTS.seed),
    benchmark: [],
    assets: [],
  };
}

const text = (value: unknown, places = 0): string =>
  value === undefined || value === null ? "" : typeof value === "number" ? shift(numberText(value), places) : String(value);

type Liquidation = Pick<Draft, "liquidate" | "threshold" | "turnover">;

/** Selling everything on or off: a limit nobody changed would hold a liquidation back, so it is left out of one. */
export function liquidating(draft: Liquidation, on: boolean): Liquidation {
  const usual = emptyDraft();
  const limit = (member: "threshold" | "turnover"): string => {
    const [from, to] = on ? [usual[member], ""] : ["", usual[member]];
    return draft[member].trim() === from ? to : draft[member];
  };
  return { liquidate: on, threshold: limit("threshold"), turnover: limit("turnover") };
}

/** Whether the forecasts may tilt the targets: not without a budget, which is the service's default. */
export function tilts({ trackingError }: Pick<Draft, "trackingError">): boolean {
  return trackingError.trim() !== "" && Number(trackingError) !== 0;
}

/** The tilt on or off. Switched on it gets a budget of 1% a year; a budget that is there already stays. */
export function tilting(draft: Pick<Draft, "trackingError">, on: boolean): Pick<Draft, "trackingError"> {
  if (tilts(draft) === on) return { trackingError: draft.trackingError };
  return { trackingError: on ? "1" : emptyDraft().trackingError };
}

/** A draft of a request, e.g. a scenario or an uploaded file; omitted members take the service's defaults. */
export function draftOf(request: Partial<PlanRequest>): Draft {
  const empty = emptyDraft();
  const base = request.liquidate === true ? { ...empty, ...liquidating(empty, true) } : empty;
  const or = (value: string, fallback: string): string => (value === "" ? fallback : value);
  const limits = request.optimization ?? {};
  const restrictions = new Map((limits.restrictions ?? []).map((r) => [r.asset, r.kind]));
  const assets = (request.assets ?? []).map((asset, i) =>
    emptyAsset({
      asset: text(asset.asset),
      target: text(asset.target_weight, 2),
      current: text(asset.current_weight, 2),
      price: text(asset.price),
      marketReturn: text(asset.market_return, 2),
      costBps: text(asset.transaction_cost_bps),
      history: asset.historical_returns ?? [],
      holdings: asset.holdings ?? [],
      identifiers: asset.identifiers ?? {},
      lower: ownBound(limits.lower, i),
      upper: ownBound(limits.upper, i),
      maxTrade: text(limits.trade_max?.[i], 2),
      restriction: restrictions.get(i) ?? "",
      impact: limits.market_impact?.[i] ?? 0,
    }),
  );
  return {
    name: text(request.name),
    description: text(request.description),
    reference: text(request.client_reference),
    metadata: request.metadata ?? {},
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
    growth: or(text(request.monte_carlo?.drift), base.growth),
    seed: or(text(request.monte_carlo?.seed), base.seed),
    benchmark: request.benchmark_returns ?? [],
    method: or(text(request.method), base.method),
    riskAversion: or(text(request.risk_aversion), base.riskAversion),
    minWorth: text(request.worth_min_bps),
    years: or(text(request.horizon_years), base.years),
    goal: or(text(limits.goal), base.goal),
    variancePrice: or(text(limits.risk_aversion), base.variancePrice),
    lower: Array.isArray(limits.lower) ? "" : text(limits.lower, 2),
    upper: Array.isArray(limits.upper) ? "" : text(limits.upper, 2),
    cashMin: text(limits.cash_min, 2),
    cashMax: text(limits.cash_max, 2),
    trackingErrorMax: text(limits.tracking_error_max, 2),
    groups: (limits.groups ?? []).map((group) => ({
      name: group.name,
      members: group.members.flatMap((i) => assets[i]?.key ?? []),
      lower: text(group.lower, 2),
      upper: text(group.upper, 2),
    })),
    exposures: (limits.exposures ?? []).map((exposure) => ({
      name: exposure.name,
      loadings: new Map(exposure.loadings.flatMap((loading, i) => (assets[i] ? [[assets[i].key, loading] as const] : []))),
      lower: exposure.lower,
      upper: exposure.upper,
    })),
    assets,
  };
}

function ownBound(bound: OptimizationRequest["lower"], i: number): string {
  return Array.isArray(bound) ? text(bound[i], 2) : "";
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

/** A copy, unless nothing is in it. */
function filled<T extends object>(members: T): T | undefined {
  return Object.keys(members).length > 0 ? { ...members } : undefined;
}

/** The request the draft stands for. */
export function requestOf(draft: Draft): PlanRequest {
  return present({
    name: draft.name || undefined,
    client_reference: draft.reference.trim() || undefined,
    metadata: filled(draft.metadata),
    portfolio_value: wire(draft.value) as number,
    currency: draft.currency.trim() || undefined,
    drift_threshold: wire(draft.threshold, -2),
    turnover_limit: wire(draft.turnover, -2),
    transaction_cost_bps: wire(draft.costBps),
    risk_aversion: wire(draft.riskAversion),
    worth_min_bps: draft.method === "drift" ? wire(draft.minWorth) : undefined,
    horizon_years: wire(draft.years),
    risk_free_rate: wire(draft.riskFree, -2),
    weight_policy: draft.policy as PlanRequest["weight_policy"],
    liquidate: draft.liquidate || undefined,
    forecast_model: draft.model as PlanRequest["forecast_model"],
    tracking_error_budget: wire(draft.trackingError, -2),
    benchmark_returns: draft.benchmark.length > 0 ? [...draft.benchmark] : undefined,
    method: draft.method === "drift" ? undefined : (draft.method as PlanRequest["method"]),
    optimization: draft.method === "drift" ? undefined : optimizationOf(draft),
    monte_carlo: present({
      paths: wire(draft.paths),
      horizon_days: wire(draft.horizon),
      seed: wire(draft.seed),
      drift: draft.growth as NonNullable<PlanRequest["monte_carlo"]>["drift"],
    }),
    assets: draft.assets.map(assetRequest),
  });
}

/** Largest trade that limits nothing: the whole book bought and sold. */
const ANY_TRADE = 2;

/** The limits of the optimal method. A member that one asset has is sent for all, with what holds without it. */
function optimizationOf(draft: Draft): OptimizationRequest {
  const each = (member: "lower" | "upper" | "maxTrade", otherwise: number): number[] | undefined =>
    draft.assets.some((row) => row[member].trim() !== "")
      ? draft.assets.map((row) => wire(row[member], -2) ?? otherwise)
      : undefined;
  const positions = new Map(draft.assets.map((row, i) => [row.key, i]));
  const lower = wire(draft.lower, -2);
  const upper = wire(draft.upper, -2);
  const restrictions = draft.assets.flatMap((row, asset) =>
    row.restriction === "" ? [] : [{ asset, kind: row.restriction as "locked" }],
  );
  return present({
    goal: draft.goal === "policy" ? undefined : (draft.goal as OptimizationRequest["goal"]),
    risk_aversion: draft.goal === "mean_variance" ? wire(draft.variancePrice) : undefined,
    lower: each("lower", lower ?? 0) ?? lower,
    upper: each("upper", upper ?? 1) ?? upper,
    cash_min: wire(draft.cashMin, -2),
    cash_max: wire(draft.cashMax, -2),
    tracking_error_max: wire(draft.trackingErrorMax, -2),
    trade_max: each("maxTrade", ANY_TRADE),
    market_impact: draft.assets.some((row) => row.impact !== 0) ? draft.assets.map((row) => row.impact) : undefined,
    groups:
      draft.groups.length === 0
        ? undefined
        : draft.groups.map((group) => ({
            name: group.name,
            members: group.members.flatMap((key) => positions.get(key) ?? []),
            lower: wire(group.lower, -2) ?? 0,
            upper: wire(group.upper, -2) ?? 1,
          })),
    exposures:
      draft.exposures.length === 0
        ? undefined
        : draft.exposures.map((exposure) => ({
            name: exposure.name,
            loadings: draft.assets.map((row) => exposure.loadings.get(row.key) ?? 0),
            lower: exposure.lower,
            upper: exposure.upper,
          })),
    restrictions: restrictions.length === 0 ? undefined : restrictions,
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
    identifiers: filled(row.identifiers),
  });
}
