/** The optimal method: what proves its solution and what each binding limit costs; or which limits contradict each other. */

import type { ConstraintPrice, LimitRelaxation, Optimization } from "../api/types";
import { fill, h, type Child } from "../dom/element";
import { dataTable } from "../dom/table";
import { count, decimal, integer, money, percent, tiny } from "../format";
import type { Outcome } from "../outcome";
import { fold, section, type Panel } from "./panel";
import { conflictInWords, levelInWords, limitTitle, measureOf, priceInWords } from "./limit-words";

/** Prices said in words too, the dearest first; the table has all of them. */
const SHOWN_SENTENCES = 5;

/** `repair`: puts the relaxed limits into the editor and plans again; absent when a request cannot ask for them. */
export function pricesPanel(repair: (relaxations: readonly LimitRelaxation[]) => (() => void) | undefined): Panel {
  const content = h("div");
  const subtitle = h("span");
  const certificate = { open: false };
  const element = section("Limits and their prices", subtitle, content);
  element.hidden = true;
  return {
    element,
    show: (outcome) => {
      const found = outcome.plan.optimization;
      element.hidden = !found;
      if (!found) return;
      element.classList.toggle("infeasible", found.status === "infeasible");
      if (found.status === "infeasible") {
        subtitle.textContent = "The limits contradict each other, so nothing trades";
        fill(content, ...conflict(outcome, found));
      } else {
        const measured = measureOf(found.constraint_prices[0]);
        const gain = measured ? `How far the objective (${measured}) would fall` : "What the book would gain a year";
        subtitle.textContent = `${gain} if a limit were one percentage point looser; each further point gains less`;
        fill(content, ...prices(outcome, found, certificate));
      }
    },
  };

  function conflict({ plan }: Outcome, found: Optimization): Child[] {
    const why = found.infeasibility;
    if (!why) return [h("p", { class: "empty" }, "The service did not say why.")];
    const names = plan.weights.map((w) => w.asset);
    const { relaxations } = why.repair;
    // Of a later step, whose limits on trades are those of all steps up to it: no field of the editor has them.
    const step = found.path?.conflict_period ?? 1;
    const apply = step > 1 ? undefined : repair(relaxations);
    return [
      h("p", { class: "lead", dir: "auto" }, conflictInWords(why, plan)),
      h(
        "p",
        { class: "note" },
        `Proven: whatever the weights, these limits are missed by ${decimal(why.proof.shortfall, 4)} in all, ` +
          "weighed by the multipliers of the proof.",
      ),
      dataTable<LimitRelaxation>(
        [
          {
            title: "Limit that gives way",
            heading: true,
            cell: (row) => h("span", { class: "name", dir: "auto" }, limitTitle(row.limit, names)),
          },
          { title: "Now", numeric: true, cell: (row) => levelInWords(row.limit, row.from) },
          { title: "At least", numeric: true, cell: (row) => levelInWords(row.limit, row.to) },
          { title: "By", numeric: true, cell: (row) => levelInWords(row.limit, row.by) },
        ],
        relaxations,
        { caption: "The smallest repair" },
      ),
      apply
        ? h(
            "div",
            { class: "toolbar" },
            h("button", { type: "button", class: "primary", onclick: apply }, "Apply the smallest repair"),
            h("p", { class: "note" }, "Changes these limits in the portfolio and plans again. Undo restores them."),
          )
        : h(
            "p",
            { class: "note" },
            step > 1
              ? `These are the limits of step ${integer(step)} of the path, with the trades of all steps up to it.`
              : "This repair needs borrowing, short sales or a limit that a plan cannot ask for: change a limit under Portfolio.",
          ),
    ];
  }
}

function prices({ plan }: Outcome, found: Optimization, memory: { open: boolean }): Child[] {
  const names = plan.weights.map((w) => w.asset);
  const certificate = found.certificate;
  const binding = [...found.constraint_prices].sort((a, b) => b.bp_per_point - a.bp_per_point);
  const gap = Math.max(0, certificate?.duality_gap ?? 0);
  const most = Math.max(...found.constraint_prices.map((p) => p.bp_per_point), 0);
  const fact = (name: string, value: string, remark: string): HTMLElement =>
    h("div", {}, h("dt", {}, name), h("dd", {}, h("span", { class: "value" }, value), h("span", { class: "remark" }, remark)));
  const measured = measureOf(found.constraint_prices[0]);
  const worth = (value: number | undefined): string => (measured ? decimal(value ?? 0, 6) : `${decimal((value ?? 0) * 1e4)} bp`);
  const unit = measured ?? "of the book a year";
  const better = measured
    ? `has an objective lower by more than ${tiny(gap)} (${measured}).`
    : `is better by more than ${tiny(gap)} of the book a year (${money(gap * plan.portfolio_value, plan.currency)}).`;
  return [
    h("p", { class: "proof" }, h("span", { class: "chip good" }, "Proven optimal"), ` No portfolio within the limits ${better}`),
    found.constraint_prices.length === 0
      ? h("p", { class: "empty" }, "No limit binds: loosening any of them would gain nothing.")
      : dataTable<ConstraintPrice>(
          [
            {
              title: "Binding limit",
              heading: true,
              cell: (row) => h("span", { class: "name", dir: "auto" }, limitTitle(row.limit, names)),
            },
            { title: "Stands at", numeric: true, cell: (row) => levelInWords(row.limit, row.value) },
            {
              title: measured ? "1/10,000 of the objective, per point" : "bp a year, per point",
              numeric: true,
              cell: (row) => priced(row.bp_per_point, most),
            },
            ...(measured
              ? []
              : [
                  {
                    title: `${plan.currency} a year, per point`,
                    numeric: true,
                    cell: (row: ConstraintPrice) => decimal(row.currency_per_point),
                  },
                ]),
          ],
          binding,
          {
            caption: `${count(found.constraint_prices.length, "limit")} bind${found.constraint_prices.length === 1 ? "s" : ""}`,
            pageSize: 25,
            class: "prices",
          },
        ),
    binding.length > 0 &&
      h(
        "ul",
        { class: "sentences" },
        ...binding.slice(0, SHOWN_SENTENCES).map((row) => h("li", { dir: "auto" }, priceInWords(row, plan))),
      ),
    fold(
      memory,
      "The certificate",
      h(
        "dl",
        { class: "figures" },
        fact("Objective", worth(found.objective), `${unit}, minimised`),
        fact("Lower bound", worth(certificate?.dual_objective), "no portfolio within the limits is below"),
        fact("Gap", tiny(certificate?.duality_gap), `objective less bound, ${unit}`),
        fact("Largest violation", tiny(certificate?.primal_violation), "of any limit, in its own unit"),
        fact("Stationarity", tiny(certificate?.stationarity), "KKT residual, largest"),
        fact("Cash identity", tiny(certificate?.cash_identity), "Σ weights + cash − 1"),
        fact("Risk in the objective", worth(found.terms?.risk), "risk aversion × variance"),
        fact("Return in the objective", worth(found.terms?.return), "negative when earned"),
        fact(
          "Costs in the objective",
          worth((found.terms?.linear_cost ?? 0) + (found.terms?.impact_cost ?? 0)),
          "spread and impact, one-off",
        ),
        fact("Tracking error", percent(found.tracking_error), "annual, against the targets"),
        fact("Solver", found.engine ?? "", count(found.iterations ?? 0, "iteration")),
        fact(
          "Covariance",
          `${integer(found.observations)} days`,
          `${found.estimator?.replaceAll("_", " ") ?? "another estimator"}, shrinkage ${percent(found.shrinkage, 1)}`,
        ),
      ),
    ),
  ];
}

function priced(bp: number, most: number): HTMLElement {
  const bar = h("span", { class: "price-bar", "aria-hidden": "true" });
  bar.style.width = `${most > 0 ? (4.5 * bp) / most : 0}rem`;
  return h("span", { class: "priced" }, bar, decimal(bp));
}
