/** Risk of the current, the target and the planned weights, side by side on the same history. */

import type { Plan, PlanWarning, RiskMetrics } from "../api/types";
import { fill, h, type Child } from "../dom/element";
import { dataTable } from "../dom/table";
import { decimal, MISSING, money, percent, points, sign } from "../format";
import { activeTable } from "./active";
import { section, type Panel } from "./panel";

type Metric = keyof RiskMetrics;
type Book = keyof Plan["risk_intervals"];
/** Every figure of a plan in the order of the table; one without a name here does not compile. */
const NAMES: Record<Metric, { name: string; ratio?: boolean; isLoss?: boolean }> = {
  volatility: { name: "Annual volatility" },
  expected_annual_return: { name: "Annual mean return" },
  sharpe: { name: "Annual Sharpe ratio", ratio: true },
  var_95: { name: "One-day VaR95", isLoss: true },
  cvar_95: { name: "One-day CVaR95", isLoss: true },
  max_drawdown: { name: "Maximum drawdown", isLoss: true },
  live_drawdown: { name: "Drawdown from the high-water mark", isLoss: true },
  tracking_error: { name: "Annual tracking error" },
};
export const METRICS = (Object.keys(NAMES) as Metric[]).map((key) => ({ key, ...NAMES[key] }));

export function riskFigure(metric: (typeof METRICS)[number], value: number | null | undefined): string {
  return metric.ratio ? decimal(value) : percent(value);
}

/** A loss in the currency of the plan, of the value that the book has then; nothing for a figure that is no loss. */
export function lossInMoney(metric: (typeof METRICS)[number], value: number | null | undefined, plan: Plan, when: Book): string {
  if (!metric.isLoss || value === null || value === undefined) return "";
  return money(value * (when === "after" ? plan.value_after : plan.portfolio_value), plan.currency);
}

/** What the figures are measured against. A plan stored before the answer named it has none. */
export function benchmarkInWords(plan: Plan): string {
  const benchmark = plan.benchmark as Plan["benchmark"] | undefined;
  if (!benchmark) return "";
  const { kind, name } = benchmark;
  if (kind === "policy")
    return `Benchmark: ${name ? `${name}, which is the targets, rebalanced daily` : "the targets, rebalanced daily"}.`;
  return `Benchmark: ${name ?? "the returns that were sent, without a name"}.`;
}

/** Why a figure of the plan is missing, from the warnings; those of target and after share the reason of now. */
export function reasonMissing(warnings: readonly PlanWarning[], pointer: string): string | undefined {
  return warnings.find((w) => w.code === "figure_unavailable" && (w.pointer === pointer || pointer.startsWith(`${w.pointer}/`)))
    ?.detail;
}

/** The 95 % interval of a figure, under it; nothing for a figure without one and for plans stored before there were any. */
function intervalNote(plan: Plan, when: keyof Plan["risk_intervals"], metric: (typeof METRICS)[number]): Child {
  const intervals = (plan.risk_intervals as Plan["risk_intervals"] | undefined)?.[when];
  const found = Object.entries(intervals ?? {}).find(([name]) => name === metric.key)?.[1];
  if (!found) return null;
  const end = (value: number | null | undefined): string =>
    value === null || value === undefined ? "open" : riskFigure(metric, value);
  return h("small", { class: "interval" }, `${end(found.lower)} to ${end(found.upper)}`);
}

export function riskPanel(): Panel {
  const content = h("div");
  const benchmark = h("span");
  return {
    element: section(
      "Risk",
      h(
        "span",
        {},
        "Rebalanced daily to these weights on the common history. VaR, CVaR and drawdown are positive when money is lost. " +
          "Under a figure, its amount, and its 95% interval: how far the history may be from the law behind it. ",
        benchmark,
      ),
      content,
    ),
    show: ({ plan }) => {
      const reasons = new Set<string>();
      benchmark.textContent = benchmarkInWords(plan);
      const figure = (metric: (typeof METRICS)[number], metrics: RiskMetrics | null | undefined): Child => {
        const value = metrics?.[metric.key];
        if (value !== null && value !== undefined) return riskFigure(metric, value);
        const reason = reasonMissing(plan.warnings, `/risk_metrics/${metric.key}`) ?? "the data do not support this figure";
        reasons.add(reason);
        return h("abbr", { title: reason }, MISSING, h("span", { class: "visually-hidden" }, ` missing: ${reason}`));
      };
      const side = (metric: (typeof METRICS)[number], metrics: RiskMetrics | null | undefined, when: Book): Child => {
        const loss = lossInMoney(metric, metrics?.[metric.key], plan, when);
        return h(
          "span",
          {},
          figure(metric, metrics),
          loss !== "" && h("small", { class: "interval" }, loss),
          intervalNote(plan, when, metric),
        );
      };
      const change = (metric: (typeof METRICS)[number]): string => {
        const [now, after] = [plan.risk_metrics[metric.key], plan.after_risk_metrics?.[metric.key]];
        if (now === null || now === undefined || after === null || after === undefined) return MISSING;
        return metric.ratio ? sign(after - now) : points(after - now);
      };
      fill(
        content,
        dataTable(
          [
            { title: "Measure", heading: true, cell: (m) => m.name },
            { title: "Now", numeric: true, cell: (m) => side(m, plan.risk_metrics, "before") },
            { title: "Target", numeric: true, cell: (m) => side(m, plan.target_risk_metrics, "target") },
            { title: "After", numeric: true, cell: (m) => side(m, plan.after_risk_metrics, "after") },
            { title: "Now to after", numeric: true, cell: change },
          ],
          METRICS,
          { caption: "Risk now, at target and after the plan", captionHidden: true },
        ),
      );
      if (reasons.size > 0) content.append(h("p", { class: "note" }, `${MISSING} means: ${[...reasons].join("; ")}.`));
      const active = activeTable(plan);
      if (active) content.append(active);
    },
  };
}
