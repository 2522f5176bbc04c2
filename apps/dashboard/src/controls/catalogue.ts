/** The controls of a policy: their names, what they look at, and the unit in which they are counted. */

import type { ControlPolicy } from "../api/types";
import { flagInWords, measureInWords } from "../decision/words";
import { decimal, integer, MISSING, money, percent, quantity, type Figure } from "../format";

/** `share`: a fraction, shown and typed in percent. */
export type Unit = "money" | "ratio" | "share" | "units" | "number" | "seconds";

/** Members of a policy that hold limits. */
export type ControlName = Exclude<keyof ControlPolicy, "format" | "currency" | "overrides" | "approval" | "restricted_list">;

export interface Control {
  name: ControlName;
  label: string;
  /** What is held against the limits. */
  what: string;
  unit: Unit;
  /** Whether it looks back over a window of time. */
  isWindow?: boolean;
}

export const CONTROLS: readonly Control[] = [
  { name: "gross_exposure", label: "Gross exposure", what: "Sum of absolute positions after the orders", unit: "money" },
  { name: "leverage", label: "Leverage", what: "Gross exposure over NAV", unit: "ratio" },
  { name: "concentration_name", label: measureInWords("concentration"), what: "Position in one asset over NAV", unit: "share" },
  { name: "concentration_group", label: "Largest group weight", what: "Positions of a group over NAV", unit: "share" },
  { name: "price_collar", label: "Price collar", what: "Distance of a limit price from its reference", unit: "share" },
  { name: "order_notional", label: "Order notional", what: "Notional of one order", unit: "money" },
  { name: "plan_notional", label: "Plan notional", what: "Sum of the notionals", unit: "money" },
  { name: "order_quantity", label: "Order quantity", what: "Units of one order", unit: "units" },
  { name: "oversold", label: "Sales beyond the holding", what: "Units sold beyond those held", unit: "units" },
  { name: "participation", label: "Participation", what: "Units of an asset over its average daily volume", unit: "share" },
  { name: "turnover", label: measureInWords("turnover"), what: "Sum of the notionals over NAV", unit: "share" },
  { name: "stale_prices", label: "Price age", what: "Age of the price of an asset that trades", unit: "seconds" },
  { name: "tracking_error", label: measureInWords("tracking_error"), what: "After the orders", unit: "share" },
  { name: "var_budget", label: measureInWords("var_95"), what: "After the orders, over NAV", unit: "share" },
  { name: "drawdown_stop", label: flagInWords("live_drawdown"), what: "Loss since then, over the mark", unit: "share" },
  { name: "duplicate_plan", label: "Duplicate plan", what: "Earlier plans that do the same", unit: "number", isWindow: true },
  { name: "order_rate", label: "Order rate", what: "Orders, those of the plan included", unit: "number", isWindow: true },
  { name: "notional_rate", label: "Notional rate", what: "Their notionals", unit: "money", isWindow: true },
  {
    name: "repeated_execution",
    label: "Repeated execution",
    what: "Orders on one side of an asset, that of the plan included",
    unit: "number",
    isWindow: true,
  },
];

const RESTRICTED = { label: "Restricted list", unit: "number" as const };

function known(name: string): Pick<Control, "label" | "unit"> | undefined {
  return name === "restricted_list" ? RESTRICTED : CONTROLS.find((control) => control.name === name);
}

/** The name of a control in words; one that this page does not know is shown as it is. */
export function controlInWords(name: string): string {
  return known(name)?.label ?? name.replaceAll("_", " ");
}

/** A value or a limit of a control, in its unit. */
export function controlFigure(name: string, value: Figure, currency: string): string {
  if (value === null || value === undefined) return MISSING;
  switch (known(name)?.unit) {
    case "money":
      return money(value, currency);
    case "share":
      return percent(value);
    case "seconds":
      return durationInWords(value);
    case "units":
      return quantity(value);
    case "number":
      return integer(value);
    default:
      return decimal(value, 4);
  }
}

/** Seconds as a person says them: the two largest units. */
export function durationInWords(seconds: number): string {
  const whole = Math.round(seconds);
  const parts: string[] = [];
  let rest = whole;
  for (const [name, size] of [
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
    ["s", 1],
  ] as const) {
    const many = Math.floor(rest / size);
    rest -= many * size;
    if (many > 0) parts.push(`${integer(many)} ${name}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}
