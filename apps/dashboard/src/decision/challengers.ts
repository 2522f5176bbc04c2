/** The champions of the models of a plan against the challengers that ran in their shadow, and what their triggers measure, on demand. */

import { call, failureOf } from "../api/client";
import type { ModelList, ModelMonitoring, ModelShadow } from "../api/types";
import { footing, rowsOf, type ChallengerRow } from "../display/challengers";
import { counted, triggerRows, type TriggerRow } from "../display/monitoring";
import { fill, h } from "../dom/element";
import { dataTable } from "../dom/table";
import { failureLine, section, waiting } from "./panel";

const SUBTITLE =
  "Challengers run on the inputs of stored plans after they are answered, and are scored when an outcome is recorded. " +
  "They change no plan. The triggers of a champion say when a person has to act.";
/** Purposes whose challengers run. */
const PURPOSES = ["expected_return", "covariance"] as const;

export function challengersPanel(): { element: HTMLElement } {
  const content = h("div", { "aria-live": "polite" });
  const button = h("button", { type: "button", class: "show-challengers", onclick: () => void ask() }, "Show challengers");

  async function ask(): Promise<void> {
    button.disabled = true;
    fill(content, waiting("Reading"));
    try {
      const { models } = await call<ModelList>("/api/models");
      const champions = PURPOSES.flatMap((purpose) => {
        const champion = models.find((model) => model.purpose === purpose && model.status === "champion");
        return champion ? [champion] : [];
      });
      const parts = await Promise.all(
        champions.map(async ({ id }) => {
          const route = `/api/models/${encodeURIComponent(id)}`;
          const [shadow, monitoring] = await Promise.all([
            call<ModelShadow>(`${route}/shadow`),
            call<ModelMonitoring>(`${route}/monitoring`),
          ]);
          return [...told(shadow), ...watched(monitoring)];
        }),
      );
      fill(content, ...parts.flat());
    } catch (error) {
      fill(content, failureLine(failureOf(error)));
    } finally {
      button.disabled = false;
    }
  }

  return { element: section("Challengers", SUBTITLE, button, content) };
}

function told(shadow: ModelShadow): HTMLElement[] {
  const rows = rowsOf(shadow);
  const name = shadow.purpose === "covariance" ? "Covariance" : "Expected return";
  const table =
    rows.length > 0 &&
    dataTable<ChallengerRow>(
      [
        { title: "Challenger", heading: true, cell: (row) => row.challenger },
        { title: "Loss", cell: (row) => row.loss },
        { title: "Plans", numeric: true, cell: (row) => row.plans },
        { title: "Champion", numeric: true, cell: (row) => row.champion },
        { title: "Challenger", numeric: true, cell: (row) => row.own },
        { title: "95% interval of the difference", numeric: true, cell: (row) => row.interval },
        { title: "Verdict", cell: (row) => row.verdict },
      ],
      rows,
      { caption: `${name}: champion and challengers`, captionHidden: true },
    );
  return [h("h3", {}, name), h("p", { class: "note" }, footing(shadow)), ...(table ? [table] : [])];
}

function watched(monitoring: ModelMonitoring): HTMLElement[] {
  const table = dataTable<TriggerRow>(
    [
      { title: "Trigger", heading: true, cell: (row) => row.measure },
      { title: "Acts", cell: (row) => row.threshold },
      { title: "Now", numeric: true, cell: (row) => row.now },
      { title: "Observations", numeric: true, cell: (row) => row.observations },
      { title: "State", cell: (row) => row.state },
    ],
    triggerRows(monitoring),
    { caption: `Triggers of ${monitoring.id}`, captionHidden: true },
  );
  return [h("p", { class: "note" }, counted(monitoring)), table];
}
