/** The latest allocator that was learned here, on demand: what it was worth on days held out, how it learned, what it would trade. */

import { call, failureOf } from "../api/client";
import type { Allocator, Model, ModelList } from "../api/types";
import { ChartFrame } from "../charts/frame";
import { learningCurveDrawing } from "../charts/learning-curve";
import { policyMapDrawing } from "../charts/policy-map";
import { latestAllocator } from "../display/allocator";
import { fill, h } from "../dom/element";
import { dataTable } from "../dom/table";
import { integer, MISSING, percent } from "../format";
import { failureLine, section, waiting } from "./panel";

const SUBTITLE =
  "Trained by reinforcement on the histories that were sent for it, and replayed on days that no training saw. " +
  "No plan is made with it until a person has promoted it on its evidence.";

type Figures = Allocator["allocator"];
interface Row {
  figures: Figures;
  beside?: Allocator["rivals"][number];
}

/** The policies over the days held out: the allocator, the plain ones, then its seeds. */
export function heldOutTable({ allocator, rivals, seeds, held_out_days }: Allocator): HTMLElement {
  const rows: Row[] = [
    { figures: allocator },
    ...rivals.map((beside) => ({ figures: beside.figures, beside })),
    ...(seeds.length > 1 ? seeds.map((figures) => ({ figures })) : []),
  ];
  const figure = (title: string, of: (figures: Figures) => number) => ({
    title,
    numeric: true,
    cell: ({ figures }: Row) => percent(of(figures)),
  });
  const beside = (of: (one: Allocator["rivals"][number]) => string) => (row: Row) => (row.beside ? of(row.beside) : MISSING);
  return dataTable<Row>(
    [
      { title: "Policy", heading: true, cell: ({ figures }) => figures.name },
      figure("Growth a year", (one) => one.growth_annual),
      figure("Volatility", (one) => one.volatility_annual),
      figure("Drawdown", (one) => one.drawdown),
      figure("Turnover a year", (one) => one.turnover_annual),
      figure("Costs a year", (one) => one.cost_annual),
      { title: "Learned beside it, a year", numeric: true, cell: beside((one) => percent(one.difference_annual)) },
      {
        title: "Interval",
        numeric: true,
        cell: beside(({ interval }) => (interval ? `${percent(interval[0])} to ${percent(interval[1])}` : MISSING)),
      },
      { title: "Verdict", cell: beside((one) => one.verdict ?? one.reason ?? MISSING) },
    ],
    rows,
    { caption: `Policies over ${integer(held_out_days)} days held out, net of costs` },
  );
}

export function allocatorPanel(): HTMLElement {
  const map = new ChartFrame("What it would trade", "The darker a cell, the larger the trade", [
    { label: "Buy", mark: "key-target" },
    { label: "Sell", mark: "key-bar negative" },
  ]);
  const curve = new ChartFrame("How it learned", "Growth a year over the days of the training", [
    { label: "Mean of the seeds, and the range of them", mark: "key-line target" },
    { label: "Equal weights", mark: "key-line now dashed" },
  ]);
  const words = h("div", { "aria-live": "polite" });
  const table = h("div", {});
  const hidden = (is: boolean): void => void (map.element.hidden = curve.element.hidden = table.hidden = is);
  const button = h("button", { type: "button", class: "show-allocator", onclick: () => void ask() }, "Show learned allocator");
  hidden(true);

  async function ask(): Promise<void> {
    button.disabled = true;
    hidden(true);
    fill(words, waiting("Asking"));
    try {
      const id = latestAllocator(await call<ModelList>("/api/models"));
      const model = id === undefined ? undefined : await call<Model>(`/api/models/${encodeURIComponent(id)}`);
      const told = model?.allocator;
      if (!model || !told) {
        fill(
          words,
          h(
            "p",
            { class: "empty" },
            "No allocator has been learned here: POST /api/models/train with the member allocator does it.",
          ),
        );
        return;
      }
      const { training_span: span, trials } = model.card;
      fill(
        words,
        h("p", {}, h("strong", {}, `${model.id}, ${model.status}: ${told.conclusion}.`)),
        h(
          "p",
          { class: "note" },
          `Data from ${span?.from ?? MISSING} to ${span?.to ?? MISSING}; ${told.seeds.length} seeds; trainings on these data: ${trials}. ` +
            `Intervals and verdicts allow for ${integer(told.comparisons)} comparisons at 5% in all.`,
        ),
      );
      fill(table, heldOutTable(told));
      hidden(false);
      map.show(policyMapDrawing(told));
      curve.show(learningCurveDrawing(told));
    } catch (error) {
      fill(words, failureLine(failureOf(error)));
    } finally {
      button.disabled = false;
    }
  }

  return section("Learned allocator", SUBTITLE, button, words, table, map.element, curve.element);
}
