/** The parameters of a plan, each with its unit and sensible range. */

import { h, uniqueId } from "../dom/element";
import type { Session } from "../session";
import type { Draft } from "./draft";
import type { FaultBoard } from "./faults";
import { GROWTH } from "./growth";
import { numberField } from "./number-field";
import { tiltSwitch } from "./tilt";
import { hasTrigger, isByDays, isBySessions, isOnBreach, isStaggered } from "./trigger";

type TextMember = { [K in keyof Draft]: Draft[K] extends string ? K : never }[keyof Draft];

export interface Parameter {
  member: TextMember;
  pointer: string;
  label: string;
  unit?: string;
  hint?: string;
  choices?: readonly (readonly [value: string, label: string])[];
  /** Text is not a number. */
  words?: boolean;
  /** Whether the draft has a use for it; always, without. */
  when?: (draft: Draft) => boolean;
}

/** The group with the switch of the tilt. */
const FORECAST = "Forecast and risk";

export interface ParameterGroup {
  legend: string;
  parameters: readonly Parameter[];
  columns?: "two" | "many";
  when?: (draft: Draft) => boolean;
}

const byWeight = (draft: Draft): boolean => draft.entry === "weights";
const byDrift = (draft: Draft): boolean => draft.method === "drift";
const byLimits = (draft: Draft): boolean => draft.method !== "drift";
const byPeriods = (draft: Draft): boolean => draft.method === "multi_period";
const ownBand = (draft: Draft): boolean => draft.band === "hybrid";

/** What the book is, beside its positions. */
export const BOOK: readonly ParameterGroup[] = [
  {
    legend: "Book",
    columns: "many",
    parameters: [
      { member: "name", pointer: "/name", label: "Title", words: true },
      { member: "currency", pointer: "/currency", label: "Currency", words: true, hint: "Three letters, e.g. USD." },
      {
        member: "benchmarkName",
        pointer: "/benchmark_name",
        label: "Benchmark",
        words: true,
        hint: "Its name. Its returns come with an upload; without, it is the targets.",
      },
      {
        member: "value",
        pointer: "/portfolio_value",
        label: "Portfolio value",
        when: byWeight,
        hint: "Net asset value, cash included; up to a trillion.",
      },
      {
        member: "cash",
        pointer: "/cash",
        label: "Cash held",
        hint: "An amount. With weights, empty: what they leave.",
      },
      {
        member: "cashTarget",
        pointer: "/cash_target_weight",
        label: "Cash target",
        unit: "%",
        hint: "Empty: what the target weights leave.",
      },
      {
        member: "cashBand",
        pointer: "/cash_band",
        label: "Cash band",
        unit: "%",
        hint: "Half-width; cash outside it trades. Empty: as for assets.",
      },
    ],
  },
];

/** How the plan is made. */
export const SETTINGS: readonly ParameterGroup[] = [
  {
    legend: "Trading",
    parameters: [
      {
        member: "method",
        pointer: "/method",
        label: "Method",
        hint:
          "Optimal weighs risk, return and costs within the limits; it needs a history for every asset, and without any moves " +
          "as near to the targets as the limits allow.",
        choices: [
          ["drift", "Drift: back to target beyond the band"],
          ["optimal", "Optimal: solved and proven"],
          ["multi_period", "Several periods: the first step of the best path"],
        ],
      },
      {
        member: "band",
        pointer: "/band",
        label: "Band around a target",
        choices: [
          ["fixed", "The same for all"],
          ["5/25", "5/25: a quarter of the target, at most 5 points"],
          ["hybrid", "A share of the target, with floor and cap"],
          ["self", "Computed from costs and risk aversion"],
        ],
      },
      {
        member: "threshold",
        pointer: "/drift_threshold",
        label: "Drift threshold",
        unit: "%",
        when: (draft) => draft.band === "fixed",
        hint: "Half-width of the band; 0 to 50.",
      },
      {
        member: "bandRelative",
        pointer: "/band/relative",
        label: "Share of the target",
        unit: "%",
        when: ownBand,
        hint: "25: a target of 20% has a band of 5 points.",
      },
      { member: "bandFloor", pointer: "/band/floor", label: "Smallest half-width", unit: "%", when: ownBand },
      { member: "bandCap", pointer: "/band/cap", label: "Largest half-width", unit: "%", when: ownBand },
      {
        member: "destination",
        pointer: "/destination",
        label: "Where trades end",
        unit: "%",
        hint: "0 or empty: at the target; 100: at the edge of the band.",
      },
      {
        member: "scope",
        pointer: "/scope",
        label: "What trades",
        choices: [
          ["breached", "What is outside its band"],
          ["whole", "The whole book once something is"],
        ],
      },
      { member: "turnover", pointer: "/turnover_limit", label: "Turnover limit", unit: "%", hint: "Two-way, of NAV; up to 200." },
      {
        member: "costBps",
        pointer: "/transaction_cost_bps",
        label: "Transaction cost",
        unit: "bps",
        hint: "Of traded value; 0 to 1,000.",
      },
      {
        member: "riskAversion",
        pointer: "/risk_aversion",
        label: "Risk aversion",
        hint: "What tracking error costs: at 5, 2% cost 10 bps a year.",
      },
      {
        member: "years",
        pointer: "/horizon_years",
        label: "Time to the next rebalance",
        unit: "years",
        hint: "The benefit of a plan is counted over it; up to 30.",
      },
      {
        member: "minWorth",
        pointer: "/worth_min_bps",
        label: "Least worth of a plan",
        unit: "bps",
        when: byDrift,
        hint: "Of the drift method; a plan worth less trades nothing. Empty: 0. At −10,000 the bands alone decide.",
      },
      {
        member: "bandWidening",
        pointer: "/regime_band_widening",
        label: "Widest bands in doubt",
        unit: "times",
        when: byDrift,
        hint: "Of the drift method, from 1 to 10: how much wider bands may get while the state of the market is unsure. Empty: as stated.",
      },
    ],
  },
  {
    legend: "Orders",
    parameters: [
      { member: "minNotional", pointer: "/min_notional", label: "Smallest order", hint: "An amount. Empty: none is too small." },
      { member: "maxTickets", pointer: "/max_tickets", label: "Most orders", hint: "Empty: as many as it takes." },
      {
        member: "collar",
        pointer: "/limit_collar_bps",
        label: "Limit price collar",
        unit: "bps",
        hint: "How far a limit price is from the price of the book.",
      },
      {
        member: "reference",
        pointer: "/client_reference",
        label: "Your reference",
        words: true,
        hint: "Stored with the plan and listed with it; up to 200 characters.",
      },
      {
        member: "tradeDate",
        pointer: "/trade_date",
        label: "Trade date",
        words: true,
        hint: "2026-11-30, for instance: orders then say when they settle.",
      },
      {
        member: "policy",
        pointer: "/weight_policy",
        label: "Weights that do not sum to 100%",
        choices: [
          ["ask", "Ask me"],
          ["cash_remainder", "The rest is cash"],
          ["normalize", "Scale to 100%, with a warning"],
          ["strict", "Refuse"],
        ],
      },
    ],
  },
  {
    legend: "When the policy trades",
    parameters: [
      {
        member: "triggerKind",
        pointer: "/trigger/kind",
        label: "Trades are due",
        hint: "Judged on the trade date under Orders. Cash to invest or to raise is not held back.",
        choices: [
          ["", "Whenever a plan is made"],
          ["threshold", "When something is outside its band"],
          ["calendar", "On scheduled days"],
          ["either", "On scheduled days, and when something is outside"],
          ["both", "On scheduled days on which something is outside"],
        ],
      },
      {
        member: "triggerExchange",
        pointer: "/trigger/calendar/exchange",
        label: "Sessions of",
        when: hasTrigger,
        choices: [
          ["", "Every day"],
          ["XNYS", "The New York Stock Exchange"],
          ["WEEKDAYS", "Monday to Friday, without holidays"],
        ],
      },
      {
        member: "triggerEvery",
        pointer: "/trigger/calendar/every",
        label: "Scheduled sessions",
        when: isBySessions,
        choices: [
          ["", "The days stated below"],
          ["month_start", "First of a month"],
          ["month_end", "Last of a month"],
          ["quarter_start", "First of a quarter"],
          ["quarter_end", "Last of a quarter"],
          ["year_start", "First of a year"],
          ["year_end", "Last of a year"],
        ],
      },
      {
        member: "triggerDays",
        pointer: "/trigger/days",
        label: "Scheduled days",
        words: true,
        when: isByDays,
        hint: "2026-12-31, 2027-06-30, for instance.",
      },
      {
        member: "lastRebalance",
        pointer: "/trigger/last_rebalance",
        label: "Last rebalance",
        words: true,
        when: hasTrigger,
        hint: "2026-09-30, for instance. Empty: none yet.",
      },
      {
        member: "cooldownDays",
        pointer: "/trigger/cooldown_days",
        label: "No trade for",
        unit: "days",
        when: hasTrigger,
        hint: "After the last rebalance. Empty: 0.",
      },
      {
        member: "persistenceDays",
        pointer: "/trigger/persistence_days",
        label: "Sessions outside before it counts",
        when: isOnBreach,
        hint: "That of the trade date included. Empty: 1.",
      },
      {
        member: "breachedSince",
        pointer: "/trigger/breached_since",
        label: "Outside since",
        words: true,
        when: isOnBreach,
        hint: "The first of those sessions. Empty: the histories say.",
      },
      {
        member: "staggerSeed",
        pointer: "/trigger/staggering/seed",
        label: "Seed of the drawn day",
        when: hasTrigger,
        hint: "Chance moves each trade by up to the window. Whoever knows the seed knows the day. Empty: on the day that is due.",
      },
      {
        member: "staggerWindow",
        pointer: "/trigger/staggering/window_days",
        label: "Window",
        unit: "sessions",
        when: isStaggered,
        hint: "Empty: 20.",
      },
      {
        member: "staggerJitter",
        pointer: "/trigger/staggering/destination_jitter",
        label: "Shift of the destination",
        when: isStaggered,
        hint: "Share of the band, to both sides. Empty: 0.25.",
      },
      {
        member: "dueOn",
        pointer: "/trigger/due_on",
        label: "Due since",
        words: true,
        when: isStaggered,
        hint: "The day on which the trade became due that is not made yet. Empty: none.",
      },
    ],
  },
  {
    legend: "Periods of the path",
    when: byPeriods,
    parameters: [
      {
        member: "pathPeriods",
        pointer: "/optimization/path/periods",
        label: "Periods",
        hint: "Together they are the horizon of the objective; 1 to 52. One is the optimal method.",
      },
      {
        member: "forecastHalfLife",
        pointer: "/optimization/path/forecast_half_life",
        label: "Half-life of forecasts",
        unit: "periods",
        hint: "Empty: forecasts last.",
      },
      {
        member: "cashFlows",
        pointer: "/optimization/path/cash_flows",
        label: "Known cash flows",
        words: true,
        hint: "Amounts after today's trades, one for each later period, such as 50000, 0, -20000. Empty: none.",
      },
    ],
  },
  {
    legend: "Limits of the optimal method",
    columns: "two",
    when: byLimits,
    parameters: [
      {
        member: "goal",
        pointer: "/optimization/goal",
        label: "Goal",
        hint: "The policy's price is risk aversion; mean-variance follows the forecasts wherever they lead.",
        choices: [
          ["policy", "Back towards the targets, as far as it pays"],
          ["mean_variance", "Variance against forecast return"],
        ],
      },
      {
        member: "variancePrice",
        pointer: "/optimization/risk_aversion",
        label: "Price of variance",
        hint: "Of the goal mean-variance: price of one unit of annual variance; 0 to 1,000,000.",
      },
      {
        member: "lower",
        pointer: "/optimization/lower",
        label: "Minimum weight",
        unit: "%",
        hint: "For assets without their own; 0 if empty.",
      },
      {
        member: "upper",
        pointer: "/optimization/upper",
        label: "Maximum weight",
        unit: "%",
        hint: "For assets without their own; 100 if empty.",
      },
      {
        member: "cashMin",
        pointer: "/optimization/cash_min",
        label: "Minimum cash",
        unit: "%",
        hint: "If empty, the smaller of cash now and at target.",
      },
      {
        member: "cashMax",
        pointer: "/optimization/cash_max",
        label: "Maximum cash",
        unit: "%",
        hint: "If empty, the larger of cash now and at target.",
      },
      {
        member: "trackingErrorMax",
        pointer: "/optimization/tracking_error_max",
        label: "Maximum tracking error",
        unit: "%",
        hint: "Annual, against the targets; no limit if empty.",
      },
    ],
  },
  {
    legend: FORECAST,
    parameters: [
      {
        member: "model",
        pointer: "/forecast_model",
        label: "Forecast model",
        choices: [
          ["ensemble_v3", "Ensemble v3, towards the policy"],
          ["ensemble_v4", "Ensemble v4, with conformal intervals"],
          ["ensemble_v2", "Ensemble v2"],
          ["ensemble_v5", "Ensemble v2 with conformal intervals"],
          ["mixture_equal", "Four experts, equal weights"],
          ["mixture_ewa", "Four experts, exponential weights"],
          ["mixture_ml_poly", "Four experts, ML-Poly"],
          ["mixture_boa", "Four experts, BOA"],
          ["demo_ensemble_v1", "Demo ensemble v1, for comparison"],
        ],
      },
      {
        member: "trainedModel",
        pointer: "/trained_model",
        label: "Trained model",
        words: true,
        hint: "Id of a version that was trained, such as boosted_trees_1, in the place of the forecast model; none if empty.",
      },
      {
        member: "learnedAllocator",
        pointer: "/learned_allocator",
        label: "Learned allocator",
        words: true,
        hint: "Id of an allocator that a person has promoted: it decides targets and bands around equal weights; none if empty.",
      },
      {
        member: "trackingError",
        pointer: "/tracking_error_budget",
        label: "Tracking-error budget",
        unit: "%",
        hint: "Annual, for the forecast tilt; 0 to 20, 0 is off.",
      },
      { member: "riskFree", pointer: "/risk_free_rate", label: "Risk-free rate", unit: "%", hint: "Annual." },
    ],
  },
  {
    legend: "Simulation",
    parameters: [
      { member: "paths", pointer: "/monte_carlo/paths", label: "Paths", hint: "Up to 1,000,000; 0 is off." },
      {
        member: "horizon",
        pointer: "/monte_carlo/horizon_days",
        label: "Horizon",
        unit: "days",
        hint: "Trading days; 1 to 2,520.",
      },
      {
        member: "growth",
        pointer: "/monte_carlo/drift",
        label: "Expected growth",
        choices: GROWTH,
      },
      { member: "seed", pointer: "/monte_carlo/seed", label: "Seed", hint: "The same seed gives the same figures." },
    ],
  },
];

export function parametersView(
  session: Session,
  faults: FaultBoard,
  groups: readonly ParameterGroup[],
  title: string,
): HTMLElement {
  const refreshers: (() => void)[] = [];
  const element = h("section", { class: "parameters", "aria-label": title });
  for (const group of groups) {
    const set = h("fieldset", { class: group.columns && `${group.columns}-columns` }, h("legend", {}, group.legend));
    for (const parameter of group.parameters) set.append(field(parameter));
    if (group.legend === FORECAST) {
      const tilt = tiltSwitch(session);
      set.append(tilt.element);
      refreshers.push(tilt.refresh);
    }
    refreshers.push(() => (set.hidden = group.when?.(session.draft) === false));
    element.append(set);
  }
  const refresh = (): void => refreshers.forEach((again) => again());
  session.on("draft", refresh);
  refresh();
  return element;

  function field(parameter: Parameter): HTMLElement {
    const { member, pointer } = parameter;
    const id = uniqueId("parameter");
    const hint = parameter.hint ? h("p", { class: "hint", id: `${id}-hint` }, parameter.hint) : undefined;
    // Another method has other columns in the table of assets.
    const take = (text: string): void => session.edit({ [member]: text }, { rebuilt: member === "method" });
    const attributes = { id, "data-pointer": pointer };
    const { control, choice, refresh: again } = controlOf(parameter, attributes, take);
    const message = faults.register(pointer, control, parameter.label);
    const element = h(
      "div",
      { class: "field" },
      h("label", { for: id }, parameter.label),
      h("div", { class: "with-unit" }, control, parameter.unit && h("span", { class: "unit" }, parameter.unit)),
      choice,
      message,
      hint,
    );
    refreshers.push(() => {
      if (control !== document.activeElement) control.value = session.draft[member];
      again?.();
      element.hidden = parameter.when?.(session.draft) === false;
    });
    return element;
  }
}

interface Control {
  control: HTMLInputElement | HTMLSelectElement;
  choice?: HTMLElement;
  refresh?: () => void;
}

function controlOf(parameter: Parameter, attributes: Record<string, string | undefined>, take: (text: string) => void): Control {
  if (parameter.choices) {
    const options = parameter.choices.map(([value, label]) => h("option", { value }, label));
    const control = h("select", { ...attributes, onchange: () => take(control.value) }, ...options);
    return { control };
  }
  if (!parameter.words) return numberField({ ...attributes, class: "number" }, { percent: parameter.unit === "%", take });
  const control = h("input", {
    ...attributes,
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    dir: "auto",
    onchange: () => take(control.value),
  });
  return { control };
}
