/** The parameters of a plan, each with its unit and sensible range. */

import { h, uniqueId } from "../dom/element";
import type { Session } from "../session";
import type { Draft } from "./draft";
import { liquidating } from "./draft";
import type { FaultBoard } from "./faults";
import { tiltSwitch } from "./tilt";

type TextMember = { [K in keyof Draft]: Draft[K] extends string ? K : never }[keyof Draft];

interface Parameter {
  member: TextMember;
  pointer: string;
  label: string;
  unit?: string;
  hint?: string;
  choices?: readonly (readonly [value: string, label: string])[];
  /** Text is not a number. */
  words?: boolean;
}

/** The group with the switch of the tilt. */
const FORECAST = "Forecast and risk";

const GROUPS: readonly { legend: string; parameters: readonly Parameter[]; optimalOnly?: boolean }[] = [
  {
    legend: "Book",
    parameters: [
      { member: "name", pointer: "/name", label: "Title", words: true },
      {
        member: "reference",
        pointer: "/client_reference",
        label: "Your reference",
        words: true,
        hint: "Stored with the plan and listed with it; up to 200 characters.",
      },
      {
        member: "value",
        pointer: "/portfolio_value",
        label: "Portfolio value",
        hint: "Net asset value, cash included; up to 1e12.",
      },
      { member: "currency", pointer: "/currency", label: "Currency", words: true, hint: "Three letters, e.g. USD." },
      {
        member: "policy",
        pointer: "/weight_policy",
        label: "Weights that do not sum to 100%",
        choices: [
          ["normalize", "Scale to 100%, with a warning"],
          ["cash_remainder", "The rest is cash"],
          ["strict", "Refuse"],
        ],
      },
    ],
  },
  {
    legend: "Trading",
    parameters: [
      {
        member: "method",
        pointer: "/method",
        label: "Method",
        hint: "Optimal weighs risk, return and costs within the limits; it needs a history for every asset.",
        choices: [
          ["drift", "Drift: back to target beyond the band"],
          ["optimal", "Optimal: solved and proven"],
        ],
      },
      {
        member: "threshold",
        pointer: "/drift_threshold",
        label: "Drift threshold",
        unit: "%",
        hint: "Half-width of the band; 0 to 50.",
      },
      { member: "turnover", pointer: "/turnover_limit", label: "Turnover limit", unit: "%", hint: "Two-way, of NAV; up to 100." },
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
        hint: "Of the drift method; a plan worth less trades nothing. Empty: the bands alone decide.",
      },
    ],
  },
  {
    legend: "Limits of the optimal method",
    optimalOnly: true,
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
          ["ensemble_v2", "Ensemble v2"],
          ["demo_ensemble_v1", "Demo ensemble v1, for comparison"],
        ],
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
        choices: [
          ["posterior", "Risk-free rate, and what the history supports"],
          ["sample", "As in the history"],
        ],
      },
      { member: "seed", pointer: "/monte_carlo/seed", label: "Seed", hint: "The same seed gives the same figures." },
    ],
  },
];

export function parametersView(session: Session, faults: FaultBoard): HTMLElement {
  const controls: [TextMember, HTMLInputElement | HTMLSelectElement][] = [];
  const optimalOnly: HTMLElement[] = [];
  const element = h("section", { class: "parameters", "aria-label": "Parameters" });
  for (const group of GROUPS) {
    const set = h("fieldset", { class: group.optimalOnly ? "two-columns" : undefined }, h("legend", {}, group.legend));
    for (const parameter of group.parameters) set.append(field(parameter));
    if (group.optimalOnly) optimalOnly.push(set);
    element.append(set);
  }
  const liquidate = h("input", {
    type: "checkbox",
    id: uniqueId("liquidate"),
    onchange: () => session.edit(liquidating(session.draft, liquidate.checked)),
  });
  element.children[1]?.append(
    h(
      "div",
      { class: "field check" },
      liquidate,
      h("label", { for: liquidate.id }, "Sell everything (all targets must be zero)"),
      faults.register("/liquidate", liquidate, "Sell everything"),
    ),
  );
  const tilt = tiltSwitch(session);
  element.children[GROUPS.findIndex((group) => group.legend === FORECAST)]?.append(tilt.element);
  const refresh = (): void => {
    for (const [member, control] of controls) if (control !== document.activeElement) control.value = session.draft[member];
    liquidate.checked = session.draft.liquidate;
    tilt.refresh();
    for (const set of optimalOnly) set.hidden = session.draft.method !== "optimal";
  };
  session.on("draft", refresh);
  refresh();
  return element;

  function field(parameter: Parameter): HTMLElement {
    const id = uniqueId("parameter");
    const hint = parameter.hint ? h("p", { class: "hint", id: `${id}-hint` }, parameter.hint) : undefined;
    // Another method has other columns in the table of assets.
    const change = (): void => session.edit({ [parameter.member]: control.value }, { rebuilt: parameter.member === "method" });
    const control = parameter.choices
      ? h("select", { id, onchange: change }, ...parameter.choices.map(([value, label]) => h("option", { value }, label)))
      : h("input", {
          id,
          type: "text",
          autocomplete: "off",
          spellcheck: "false",
          onchange: change,
          inputmode: parameter.words ? undefined : "decimal",
          class: parameter.words ? undefined : "number",
        });
    control.dataset["pointer"] = parameter.pointer;
    controls.push([parameter.member, control]);
    const message = faults.register(parameter.pointer, control, parameter.label);
    return h(
      "div",
      { class: "field" },
      h("label", { for: id }, parameter.label),
      h("div", { class: "with-unit" }, control, parameter.unit && h("span", { class: "unit" }, parameter.unit)),
      message,
      hint,
    );
  }
}
