/** Turnover and flagged measures against their limits, as bars. */

import { fill, h } from "../dom/element";
import { percent } from "../format";
import { section, type Panel } from "./panel";
import { flagInWords } from "./words";

export function limitsPanel(): Panel {
  const bars = h("div", { class: "bars" });
  return {
    element: section("Against limits", "Ticks mark the limit and, where there is one, the critical level", bars),
    show: ({ plan, insights }) => {
      fill(
        bars,
        bar("Turnover, two-way", plan.turnover_used, [["limit", plan.turnover_limit]]),
        ...(insights.state === "ready"
          ? insights.value.risk_flag_details.filter((f) => f.value !== null && f.value !== undefined).map((f) => bar(flagInWords(f.code), f.value ?? 0, [["limit", f.limit], ["critical", f.critical_limit]]))
          : []),
        ...(insights.state === "ready"
          ? insights.value.risk_flag_details.filter((f) => f.value === null || f.value === undefined).map((f) => h("p", { class: "note" }, `${flagInWords(f.code)}: not assessed, ${f.reason ?? "no figure"}.`))
          : []),
        insights.state === "ready" && insights.value.risk_flag_details.length === 0 && h("p", { class: "note" }, "No risk measure has passed a limit."),
      );
    },
  };
}

function bar(name: string, value: number, ticks: readonly (readonly [string, number])[]): HTMLElement {
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
    h("p", {}, h("span", {}, name), h("span", { class: "figure" }, percent(value))),
    track,
    h("p", { class: "note" }, ticks.map(([label, at]) => `${label} ${percent(at)}`).join(", ")),
  );
}
