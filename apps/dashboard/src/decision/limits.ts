/** Turnover and every measure beyond a limit of the verdict, as bars. */

import type { LimitCheck } from "../api/types";
import { fill, h } from "../dom/element";
import { section, type Panel } from "./panel";
import { measured, measureInWords } from "./words";

export function limitsPanel(): Panel {
  const bars = h("div", { class: "bars" });
  return {
    element: section(
      "Against limits",
      "Turnover against the turnover limit, and every measure beyond a limit; ticks mark the levels",
      bars,
    ),
    show: ({ plan }) => {
      const { checks } = plan.verdict;
      const beyond = checks.filter(isRaised);
      const unknown = checks.filter((check) => check.value === null);
      fill(
        bars,
        bar("Turnover limit", plan.turnover_used, [["limit", plan.turnover_limit]]),
        ...beyond.map((check) => bar(nameOf(check), check.value ?? 0, levels(check), check.reason, check.measure)),
        ...notAssessed(unknown),
        beyond.length === 0 && unknown.length === 0 && h("p", { class: "note" }, "No measure is beyond its limit."),
      );
    },
  };
}

/** One line for each reason, with the measures that it keeps from being assessed. */
function notAssessed(checks: readonly LimitCheck[]): HTMLElement[] {
  const byReason = new Map<string, string[]>();
  for (const check of checks) {
    const reason = check.reason ?? "no figure";
    byReason.set(reason, [...(byReason.get(reason) ?? []), nameOf(check)]);
  }
  return [...byReason].map(([reason, names]) => h("p", { class: "note" }, `Not assessed, ${reason}: ${names.join("; ")}.`));
}

/** Beyond its warning level, or graver than its value alone would make it: then the check states why. */
function isRaised({ measure, value, warning_above, severity }: LimitCheck): boolean {
  // A level of the net cost below zero asks for a worth, and a plan that trades nothing costs nothing.
  const level = measure === "net_cost" ? Math.max(0, warning_above) : warning_above;
  return value !== null && (value > level || severity !== "clear");
}

function nameOf(check: LimitCheck): string {
  return `${measureInWords(check.measure)}, ${check.point === "before" ? "now" : "after"}`;
}

function levels(check: LimitCheck): (readonly [string, number])[] {
  // Its critical level is the whole portfolio, which leaves no scale for a cost.
  if (check.measure === "net_cost") return [["warning", Math.max(0, check.warning_above)]];
  const rejected = check.blocking_above;
  return [
    ["warning", check.warning_above],
    ["critical", check.critical_above],
    ...(rejected === null ? [] : [["rejected", rejected] as const]),
  ];
}

function bar(
  name: string,
  value: number,
  ticks: readonly (readonly [string, number])[],
  reason: string | null = null,
  measure = "",
): HTMLElement {
  const scale = Math.max(value, ...ticks.map(([, at]) => at)) * 1.08 || 1;
  const over = ticks[0] !== undefined && value > ticks[0][1];
  const fillBar = h("span", { class: over ? "level over" : "level" });
  fillBar.style.width = `${(100 * Math.max(0, value)) / scale}%`;
  const track = h("div", { class: "track", "aria-hidden": "true" }, fillBar);
  for (const [, at] of ticks) {
    const tick = h("span", { class: "tick" });
    tick.style.left = `${(100 * at) / scale}%`;
    track.append(tick);
  }
  return h(
    "div",
    { class: "bar" },
    h("p", {}, h("span", {}, name), h("span", { class: "figure" }, measured(measure, value))),
    track,
    h("p", { class: "note" }, ticks.map(([label, at]) => `${label} ${measured(measure, at)}`).join(", ")),
    reason !== null && h("p", { class: "note", dir: "auto" }, `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`),
  );
}
