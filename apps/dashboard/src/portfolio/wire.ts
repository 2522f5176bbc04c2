/** From a draft to the request it stands for, and back. Text that is no number is sent as text, so that its refusal comes back. */

import type { AssetRequest, IntentKind, OptimizationRequest, PlanRequest } from "../api/types";
import { bandFields, bandGroupsOf, bandGroupsRequest, bandSetting } from "./band-groups";
import { emptyAsset, emptyDraft, intending, text, type Draft, type DraftAsset, type Kept, type Lock } from "./draft";
import { triggerOf, triggerRequest } from "./trigger-wire";
import { verdictLimitsOf, verdictLimitsRequest } from "./verdict-levels";
import { wire } from "./wire-number";

/** The members of a request and of its assets that go through the page as they came. */
const KEPT = ["posture", "title", "costs"] as const;
const KEPT_OF_ASSET = ["market", "average_daily_volume", "selected", "costs", "min_quantity"] as const;

/** A draft of a request, e.g. a scenario or an uploaded file; omitted members take the service's defaults. */
export function draftOf(request: Partial<PlanRequest>): Draft {
  const empty = emptyDraft();
  const intent: IntentKind = request.liquidate === true ? "liquidate" : (request.intent?.kind ?? "rebalance");
  const base = { ...empty, ...intending(empty, intent) };
  const or = (value: string, fallback: string): string => (value === "" ? fallback : value);
  const limits = request.optimization ?? {};
  const restricted = (i: number): string[] => (limits.restrictions ?? []).flatMap((r) => (r.asset === i ? [r.kind] : []));
  const assets = (request.assets ?? []).map((asset, i) =>
    emptyAsset({
      asset: text(asset.asset),
      title: text(asset.name),
      assetClass: text(asset.asset_class),
      account: text(asset.account),
      sleeve: text(asset.sleeve),
      target: text(asset.target_weight, 2),
      current: text(asset.current_weight, 2),
      quantity: text(asset.quantity),
      price: text(asset.price),
      lot: text(asset.lot_size),
      lock: lockOf(asset, restricted(i)),
      marketReturn: text(asset.market_return, 2),
      costBps: text(asset.transaction_cost_bps),
      history: asset.historical_returns ?? [],
      holdings: asset.holdings ?? [],
      identifiers: asset.identifiers ?? {},
      lower: ownBound(limits.lower, i),
      upper: ownBound(limits.upper, i),
      maxTrade: text(limits.trade_max?.[i], 2),
      impact: limits.market_impact?.[i] ?? 0,
      kept: only(asset, KEPT_OF_ASSET),
    }),
  );
  const band = bandOf(request.band);
  return {
    ...base,
    name: text(request.name),
    description: text(request.description),
    reference: text(request.client_reference),
    metadata: request.metadata ?? {},
    entry: (request.assets ?? []).some((asset) => asset.quantity !== undefined && asset.quantity !== null) ? "units" : "weights",
    value: text(request.portfolio_value),
    cash: text(request.cash),
    cashTarget: text(request.cash_target_weight, 2),
    cashBand: text(request.cash_band, 2),
    amount: text(request.intent?.amount),
    by: text(request.intent?.by),
    currency: or(text(request.currency), base.currency),
    ...band,
    threshold: or(text(request.drift_threshold, 2), base.threshold),
    destination: text(request.destination, 2),
    scope: or(text(request.scope), base.scope),
    minNotional: text(request.min_notional),
    maxTickets: text(request.max_tickets),
    collar: or(text(request.limit_collar_bps), base.collar),
    tradeDate: text(request.trade_date),
    turnover: or(text(request.turnover_limit, 2), base.turnover),
    // Beside a tariff an absent rate is none.
    costBps: or(text(request.transaction_cost_bps), request.costs ? "" : base.costBps),
    riskFree: or(text(request.risk_free_rate, 2), base.riskFree),
    policy: or(text(request.weight_policy), base.policy),
    model: or(text(request.forecast_model), base.model),
    trainedModel: text(request.trained_model),
    learnedAllocator: text(request.learned_allocator),
    trackingError: or(text(request.tracking_error_budget, 2), base.trackingError),
    paths: or(text(request.monte_carlo?.paths), base.paths),
    horizon: or(text(request.monte_carlo?.horizon_days), base.horizon),
    // `historical` is another name of `sample`, which is the one that answers and choices have.
    growth: or(text(request.monte_carlo?.drift).replace(/^historical$/, "sample"), base.growth),
    seed: or(text(request.monte_carlo?.seed), base.seed),
    dates: request.dates ?? [],
    benchmark: request.benchmark_returns ?? [],
    benchmarkName: text(request.benchmark_name),
    ...verdictLimitsOf(request.verdict_limits, base),
    method: or(text(request.method), base.method),
    riskAversion: or(text(request.risk_aversion), base.riskAversion),
    minWorth: text(request.worth_min_bps),
    bandWidening: text(request.regime_band_widening),
    years: or(text(request.horizon_years), base.years),
    goal: or(text(limits.goal), base.goal),
    variancePrice: or(text(limits.risk_aversion), base.variancePrice),
    lower: Array.isArray(limits.lower) ? "" : text(limits.lower, 2),
    upper: Array.isArray(limits.upper) ? "" : text(limits.upper, 2),
    cashMin: text(limits.cash_min, 2),
    cashMax: text(limits.cash_max, 2),
    trackingErrorMax: text(limits.tracking_error_max, 2),
    pathPeriods: or(text(limits.path?.periods), base.pathPeriods),
    forecastHalfLife: text(limits.path?.forecast_half_life),
    cashFlows: (limits.path?.cash_flows ?? []).map((amount) => text(amount)).join(", "),
    groups: (limits.groups ?? []).map((group) => ({
      name: group.name,
      members: group.members.flatMap((i) => assets[i]?.key ?? []),
      lower: text(group.lower, 2),
      upper: text(group.upper, 2),
    })),
    bandGroups: bandGroupsOf(request.groups),
    ...triggerOf(request.trigger),
    exposures: (limits.exposures ?? []).map((exposure) => ({
      name: exposure.name,
      loadings: new Map(exposure.loadings.flatMap((loading, i) => (assets[i] ? [[assets[i].key, loading] as const] : []))),
      lower: exposure.lower,
      upper: exposure.upper,
    })),
    kept: only(request, KEPT),
    assets,
  };
}

function ownBound(bound: OptimizationRequest["lower"], i: number): string {
  return Array.isArray(bound) ? text(bound[i], 2) : "";
}

/** One lock says what role, permissions and restrictions of the optimal method say together. */
function lockOf(asset: AssetRequest, restrictions: readonly string[]): Lock {
  if (asset.role === "excluded" || asset.role === "frozen") return asset.role;
  const isLocked = restrictions.includes("locked");
  const noBuy = isLocked || asset.no_buy === true || restrictions.includes("do_not_buy");
  const noSell = isLocked || asset.no_sell === true || restrictions.includes("do_not_sell");
  if (noBuy && noSell) return "frozen";
  return noBuy ? "no_buy" : noSell ? "no_sell" : "";
}

function bandOf(band: PlanRequest["band"]): Pick<Draft, "band" | "bandRelative" | "bandFloor" | "bandCap"> {
  if (band === undefined || band === null) return { band: "fixed", bandRelative: "", bandFloor: "", bandCap: "" };
  const { relative, floor, cap, band: kind } = bandFields(band);
  return { band: kind, bandRelative: relative, bandFloor: floor, bandCap: cap };
}

function only(members: object, names: readonly string[]): Kept {
  return Object.fromEntries(Object.entries(members).filter(([name]) => names.includes(name)));
}

/** Drops absent members. */
function present<T extends object>(members: T): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}

/** A copy, unless nothing is in it. */
function filled<T extends object>(members: T): T | undefined {
  return Object.keys(members).length > 0 ? { ...members } : undefined;
}

/** What was typed, unless it is what the service takes anyway. */
function unless(typed: string, usual: string): string {
  return typed.trim() === usual ? "" : typed;
}

/** The request the draft stands for. */
export function requestOf(draft: Draft): PlanRequest {
  const usual = emptyDraft();
  const isByUnits = draft.entry === "units";
  return present({
    name: draft.name || undefined,
    description: draft.description || undefined,
    client_reference: draft.reference.trim() || undefined,
    metadata: filled(draft.metadata),
    portfolio_value: isByUnits ? undefined : (wire(draft.value) as number),
    cash: wire(draft.cash),
    cash_target_weight: wire(draft.cashTarget, -2),
    cash_band: wire(draft.cashBand, -2),
    intent: intentRequest(draft),
    currency: draft.currency.trim() || undefined,
    drift_threshold: draft.band === "fixed" && !draft.learnedAllocator.trim() ? wire(draft.threshold, -2) : undefined,
    band: bandRequest(draft),
    groups: bandGroupsRequest(draft.bandGroups),
    trigger: triggerRequest(draft),
    destination: wire(unless(draft.destination, "0"), -2),
    scope: draft.scope === usual.scope ? undefined : (draft.scope as PlanRequest["scope"]),
    min_notional: wire(draft.minNotional),
    max_tickets: wire(draft.maxTickets),
    limit_collar_bps: wire(unless(draft.collar, usual.collar)),
    trade_date: draft.tradeDate.trim() || undefined,
    turnover_limit: wire(draft.turnover, -2),
    transaction_cost_bps: wire(draft.costBps),
    risk_aversion: wire(draft.riskAversion),
    worth_min_bps: draft.method === "drift" ? wire(draft.minWorth) : undefined,
    regime_band_widening: draft.method === "drift" ? wire(draft.bandWidening) : undefined,
    horizon_years: wire(draft.years),
    risk_free_rate: wire(draft.riskFree, -2),
    weight_policy: draft.policy === "ask" ? undefined : (draft.policy as PlanRequest["weight_policy"]),
    forecast_model: draft.trainedModel.trim() ? undefined : (draft.model as PlanRequest["forecast_model"]),
    trained_model: draft.trainedModel.trim() || undefined,
    learned_allocator: draft.learnedAllocator.trim() || undefined,
    tracking_error_budget: wire(draft.trackingError, -2),
    dates: datesRequest(draft),
    benchmark_returns: draft.benchmark.length > 0 ? [...draft.benchmark] : undefined,
    benchmark_name: draft.benchmarkName.trim() || undefined,
    verdict_limits: verdictLimitsRequest(draft),
    method: draft.method === "drift" ? undefined : (draft.method as PlanRequest["method"]),
    optimization: draft.method === "drift" ? undefined : optimizationOf(draft),
    monte_carlo: present({
      paths: wire(draft.paths),
      horizon_days: wire(draft.horizon),
      seed: wire(draft.seed),
      drift: draft.growth as NonNullable<PlanRequest["monte_carlo"]>["drift"],
    }),
    assets: draft.assets.map((row) => assetRequest(draft, row)),
    ...draft.kept,
  });
}

/** The dates of the returns, while there is one for each return of the longest history: histories may have changed since. */
function datesRequest({ dates, assets }: Draft): PlanRequest["dates"] {
  const longest = Math.max(0, ...assets.map((row) => row.history.length));
  return longest > 0 && dates.length === longest ? [...dates] : undefined;
}

function intentRequest({ intent, amount, by }: Draft): PlanRequest["intent"] {
  const takesAmount = intent === "invest_cash" || intent === "raise_cash";
  if (intent === "rebalance") return undefined;
  return present({
    kind: intent,
    amount: takesAmount ? wire(amount) : undefined,
    by: (intent === "raise_cash" && by) || undefined,
  });
}

function bandRequest({ band, bandRelative, bandFloor, bandCap }: Draft): PlanRequest["band"] {
  return band === "fixed" ? undefined : bandSetting({ band, relative: bandRelative, floor: bandFloor, cap: bandCap });
}

/** Under the optimal method a book of weights states its locks among the limits; everywhere else the asset has them. */
function locksAreLimits(draft: Draft, row: DraftAsset): boolean {
  return draft.method !== "drift" && draft.entry === "weights" && row.lock !== "excluded";
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
  const kinds = { no_buy: "do_not_buy", no_sell: "do_not_sell", frozen: "locked" } as const;
  const restrictions = draft.assets.flatMap((row, asset) =>
    row.lock !== "" && row.lock !== "excluded" && locksAreLimits(draft, row) ? [{ asset, kind: kinds[row.lock] }] : [],
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
    path: draft.method === "multi_period" ? pathOf(draft) : undefined,
  });
}

/** The periods of the path; cash flows that are no numbers are sent as they stand, so that their refusal comes back. */
function pathOf(draft: Draft): OptimizationRequest["path"] {
  const flows = draft.cashFlows.split(/[\s,;]+/).flatMap((amount) => wire(amount) ?? []);
  return present({
    periods: wire(draft.pathPeriods),
    forecast_half_life: wire(draft.forecastHalfLife),
    cash_flows: flows.length > 0 ? flows : undefined,
  });
}

function assetRequest(draft: Draft, row: DraftAsset): AssetRequest {
  const isByUnits = draft.entry === "units";
  const lock = locksAreLimits(draft, row) ? "" : row.lock;
  return present({
    asset: row.asset,
    name: row.title.trim() || undefined,
    asset_class: row.assetClass.trim() || undefined,
    account: row.account.trim() || undefined,
    sleeve: row.sleeve.trim() || undefined,
    target_weight: wire(row.target, -2) as number,
    current_weight: isByUnits ? undefined : wire(row.current, -2),
    quantity: isByUnits ? wire(row.quantity) : undefined,
    price: wire(row.price),
    lot_size: wire(row.lot),
    role: lock === "frozen" || lock === "excluded" ? lock : undefined,
    no_buy: lock === "no_buy" || undefined,
    no_sell: lock === "no_sell" || undefined,
    market_return: wire(row.marketReturn, -2),
    transaction_cost_bps: wire(row.costBps),
    historical_returns: row.history.length > 0 ? ([...row.history] as number[]) : undefined,
    holdings: row.holdings.length > 0 ? [...row.holdings] : undefined,
    identifiers: filled(row.identifiers),
    ...row.kept,
  });
}
