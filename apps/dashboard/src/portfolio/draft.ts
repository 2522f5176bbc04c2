/**
 * The portfolio being edited. Fields hold what was typed; the service alone decides what is valid. Weights, limits and rates are
 * typed in percent and sent as fractions; `wire.ts` has the way from and to a request.
 */

import type { AssetIdentifiers, HoldingRequest, IntentKind } from "../api/types";
import { numberText, shift } from "./decimal";
import type { DraftBandGroup } from "./band-groups";
import { DEFAULTS, OPTIMIZATION_DEFAULTS, PATH_DEFAULTS, SIMULATION_DEFAULTS, VERDICT_DEFAULTS } from "./defaults";
import { NO_TRIGGER, type TriggerFields } from "./trigger";

/** How positions are entered: by quantity and price, which give the weights, or by weights of a stated value. */
export type Entry = "units" | "weights";

/** What may be done with an asset; empty where it may be bought and sold. */
export type Lock = "" | "no_buy" | "no_sell" | "frozen" | "excluded";

/** How wide bands are: one width for all, the 5/25 rule, a rule of its own, or computed from costs and risk aversion. */
export type Band = "fixed" | "5/25" | "hybrid" | "self";

/** Members of a request that the page has no editor for: kept from an upload and sent as they came. */
export type Kept = Readonly<Record<string, unknown>>;

export interface DraftAsset {
  /** Stable while the row lives, whatever its position. */
  readonly key: number;
  readonly asset: string;
  /** Full name, class and account: for the reader, and for the orders. */
  readonly title: string;
  readonly assetClass: string;
  readonly account: string;
  readonly sleeve: string;
  readonly target: string;
  readonly current: string;
  /** Units held; sent while positions are entered by quantity. */
  readonly quantity: string;
  readonly price: string;
  /** Units of one lot; empty where fractions trade. */
  readonly lot: string;
  readonly lock: Lock;
  /** Whether the reader said that a row named like cash is none. */
  readonly isSecurity: boolean;
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
  /** Kept from an upload and sent as it came. */
  readonly impact: number;
  readonly kept: Kept;
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

export interface Draft extends TriggerFields {
  readonly name: string;
  readonly description: string;
  /** The caller's own reference. */
  readonly reference: string;
  /** Kept from an upload and sent as it came. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly entry: Entry;
  /** Net asset value; sent while positions are entered by weight. */
  readonly value: string;
  /** Cash held, an amount. */
  readonly cash: string;
  readonly cashTarget: string;
  readonly cashBand: string;
  readonly intent: IntentKind;
  /** Of the intents invest and raise cash. */
  readonly amount: string;
  /** The day by which cash is raised, as it was uploaded; empty for none. */
  readonly by: string;
  readonly currency: string;
  readonly band: Band;
  /** Half-width of every band, of the band `fixed`. */
  readonly threshold: string;
  /** Of the band `hybrid`. */
  readonly bandRelative: string;
  readonly bandFloor: string;
  readonly bandCap: string;
  readonly destination: string;
  readonly scope: string;
  readonly minNotional: string;
  readonly maxTickets: string;
  readonly collar: string;
  readonly tradeDate: string;
  readonly turnover: string;
  readonly costBps: string;
  readonly riskFree: string;
  /** What weights that do not sum to one mean; `ask` where nobody has said. */
  readonly policy: string;
  readonly method: string;
  readonly riskAversion: string;
  readonly minWorth: string;
  readonly bandWidening: string;
  /** Years over which the benefit of a plan is counted. */
  readonly years: string;
  readonly goal: string;
  /** Of the goal mean_variance. */
  readonly variancePrice: string;
  /** Levels of the verdict's limits, in percent: of the policy's own risk, of NAV, and of the data-quality score. */
  readonly riskWarning: string;
  readonly riskCritical: string;
  readonly weightWarning: string;
  readonly weightCritical: string;
  readonly turnoverWarning: string;
  readonly turnoverCritical: string;
  readonly shortfallWarning: string;
  readonly shortfallCritical: string;
  readonly shortfallBlocking: string;
  readonly relaxations: string;
  readonly lower: string;
  readonly upper: string;
  readonly cashMin: string;
  readonly cashMax: string;
  readonly trackingErrorMax: string;
  readonly pathPeriods: string;
  readonly forecastHalfLife: string;
  readonly cashFlows: string;
  readonly groups: readonly DraftGroup[];
  /** Bands around the weight of a class or a sleeve. */
  readonly bandGroups: readonly DraftBandGroup[];
  readonly exposures: readonly DraftExposure[];
  readonly model: string;
  /** Id of a version that was trained, which speaks in the place of `model`. */
  readonly trainedModel: string;
  /** Id of a promoted allocator, which decides targets and bands. */
  readonly learnedAllocator: string;
  readonly trackingError: string;
  readonly paths: string;
  readonly horizon: string;
  readonly growth: string;
  readonly seed: string;
  /** Kept from an upload and sent as it came; the page has no editor for it. */
  readonly benchmark: readonly number[];
  readonly benchmarkName: string;
  /** The date on which each return of the longest history ends, oldest first; empty where nobody said. */
  readonly dates: readonly string[];
  readonly kept: Kept;
  readonly assets: readonly DraftAsset[];
}

let nextKey = 1;

/** A row with a key of its own. */
export function emptyAsset(values: Partial<DraftAsset> = {}): DraftAsset {
  return {
    asset: "",
    title: "",
    assetClass: "",
    account: "",
    sleeve: "",
    target: "",
    current: "",
    quantity: "",
    price: "",
    lot: "",
    lock: "",
    isSecurity: false,
    marketReturn: "",
    costBps: "",
    history: [],
    holdings: [],
    identifiers: {},
    lower: "",
    upper: "",
    maxTrade: "",
    impact: 0,
    kept: {},
    ...values,
    key: nextKey++,
  };
}

/** A row of a book entered by quantity: whole units trade. */
export function emptyPosition(): DraftAsset {
  return emptyAsset({ lot: "1" });
}

/** The rows that say something. */
export function filledRows({ assets }: Pick<Draft, "assets">): DraftAsset[] {
  return assets.filter((row) => row.asset.trim() !== "" || row.target.trim() !== "");
}

export function emptyDraft(): Draft {
  return {
    name: "",
    description: "",
    reference: "",
    metadata: {},
    entry: "units",
    value: "",
    cash: "",
    cashTarget: "",
    cashBand: "",
    intent: "rebalance",
    amount: "",
    by: "",
    currency: DEFAULTS.currency,
    band: "fixed",
    ...usualLimits("rebalance"),
    bandRelative: "",
    bandFloor: "",
    bandCap: "",
    destination: "",
    scope: DEFAULTS.scope,
    minNotional: "",
    maxTickets: "",
    collar: text(DEFAULTS.limit_collar_bps),
    tradeDate: "",
    costBps: text(DEFAULTS.transaction_cost_bps),
    riskFree: text(DEFAULTS.risk_free_rate, 2),
    policy: "ask",
    method: DEFAULTS.method,
    riskAversion: text(DEFAULTS.risk_aversion),
    minWorth: "",
    bandWidening: "",
    years: text(DEFAULTS.horizon_years),
    goal: OPTIMIZATION_DEFAULTS.goal,
    variancePrice: text(OPTIMIZATION_DEFAULTS.risk_aversion),
    riskWarning: text(VERDICT_DEFAULTS.risk_budget.warning_above, 2),
    riskCritical: text(VERDICT_DEFAULTS.risk_budget.critical_above, 2),
    weightWarning: text(VERDICT_DEFAULTS.concentration.warning_above, 2),
    weightCritical: text(VERDICT_DEFAULTS.concentration.critical_above, 2),
    turnoverWarning: text(VERDICT_DEFAULTS.turnover.warning_above, 2),
    turnoverCritical: text(VERDICT_DEFAULTS.turnover.critical_above, 2),
    shortfallWarning: text(VERDICT_DEFAULTS.data_shortfall.warning_above, 2),
    shortfallCritical: text(VERDICT_DEFAULTS.data_shortfall.critical_above, 2),
    shortfallBlocking: text(VERDICT_DEFAULTS.data_shortfall.blocking_above, 2),
    relaxations: text(VERDICT_DEFAULTS.relaxations_max),
    lower: "",
    upper: "",
    cashMin: "",
    cashMax: "",
    trackingErrorMax: "",
    pathPeriods: text(PATH_DEFAULTS.periods),
    forecastHalfLife: "",
    cashFlows: "",
    groups: [],
    bandGroups: [],
    ...NO_TRIGGER,
    exposures: [],
    model: DEFAULTS.forecast_model,
    trainedModel: "",
    learnedAllocator: "",
    trackingError: text(DEFAULTS.tracking_error_budget, 2),
    paths: text(SIMULATION_DEFAULTS.paths),
    horizon: text(SIMULATION_DEFAULTS.horizon_days),
    growth: SIMULATION_DEFAULTS.drift,
    seed: text(SIMULATION_DEFAULTS.seed),
    benchmark: [],
    benchmarkName: "",
    dates: [],
    kept: {},
    assets: [],
  };
}

/** What a draft keeps when another book takes its place: settings do, what belongs to the old book does not. */
export function withoutBook(draft: Draft): Draft {
  const {
    name,
    description,
    reference,
    metadata,
    value,
    cash,
    cashTarget,
    cashBand,
    amount,
    by,
    benchmark,
    benchmarkName,
    dates,
    groups,
    bandGroups,
    exposures,
    kept,
  } = emptyDraft();
  const book = {
    name,
    description,
    reference,
    metadata,
    value,
    cash,
    cashTarget,
    cashBand,
    amount,
    by,
    benchmark,
    benchmarkName,
    dates,
    groups,
    bandGroups,
    exposures,
    ...NO_TRIGGER,
  };
  return { ...draft, ...intending(draft, "rebalance"), ...book, kept, policy: "ask", assets: [] };
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

/** A member of a request as its field shows it. */
export function text(value: unknown, places = 0): string {
  return value === undefined || value === null
    ? ""
    : typeof value === "number"
      ? shift(numberText(value), places)
      : String(value);
}

type Intended = Pick<Draft, "intent" | "threshold" | "turnover">;

/** The limits that a plan has when nobody states any, as fields show them; empty where the service has another default. */
function usualLimits(intent: IntentKind): Pick<Draft, "threshold" | "turnover"> {
  const isBounded = intent === "rebalance" || intent === "buy_only" || intent === "sell_only";
  return {
    threshold: intent === "liquidate" ? "" : text(DEFAULTS.drift_threshold, 2),
    turnover: isBounded ? text(DEFAULTS.turnover_limit, 2) : "",
  };
}

/** Another intent: a limit nobody changed would hold it back, so it follows. */
export function intending(draft: Intended, intent: IntentKind): Intended {
  const [from, to] = [usualLimits(draft.intent), usualLimits(intent)];
  const limit = (member: "threshold" | "turnover"): string =>
    draft[member].trim() === from[member] ? to[member] : draft[member];
  return { intent, threshold: limit("threshold"), turnover: limit("turnover") };
}

/** Rows that were kept elsewhere get keys that no row made from now on will have. */
export function reserveKeys(assets: readonly DraftAsset[]): void {
  for (const { key } of assets) nextKey = Math.max(nextKey, key + 1);
}
