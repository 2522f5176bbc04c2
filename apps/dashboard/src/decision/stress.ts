/** What windows of market history would do to the book, and what would most likely lose a fifth of it. */

import type { HistoricalScenario } from "../api/types";
import { partsOf, reverseSentence, scaleOf, type Scale } from "../display/scenarios";
import { fill, h } from "../dom/element";
import { dataTable } from "../dom/table";
import { amount, MISSING, percent } from "../format";
import { NOT_OFFERED } from "../outcome";
import { modelsView } from "./models";
import { failureLine, section, type Panel } from "./panel";

const NOTHING = "No asset has the name of a shipped series, so no window of history can be replayed.";

export function stressPanel(): Panel {
  const content = h("div");
  const subtitle = "The weights of now, held through windows of market history by the series of the assets' names";
  const models = modelsView();
  const element = section("Stress scenarios", subtitle, content, models.element);
  element.hidden = true;
  return {
    element,
    show: (outcome) => {
      const { plan, stress } = outcome;
      models.show(outcome);
      if (stress.state === "loading") return;
      element.hidden = stress.state === "absent" && stress.reason === NOT_OFFERED;
      if (stress.state === "absent") return fill(content, h("p", { class: "empty" }, stress.reason));
      if (stress.state === "failed") return fill(content, failureLine(stress.failure));
      const { scenarios, reverse, warnings } = stress.value;
      const assessed = scenarios.filter((scenario) => scenario.return !== null);
      const scale = scaleOf(assessed);
      const none = warnings.find((warning) => warning.pointer === "/reverse")?.detail;
      fill(
        content,
        assessed.length > 0 ? table(assessed, scale, plan.currency) : h("p", { class: "empty" }, NOTHING),
        reverse && h("p", {}, reverseSentence(reverse)),
        none && h("p", { class: "note" }, `No most likely loss of a fifth: ${none}.`),
      );
    },
  };
}

function table(scenarios: readonly HistoricalScenario[], scale: Scale, currency: string): HTMLElement {
  return dataTable<HistoricalScenario>(
    [
      { title: "Scenario", heading: true, cell: (s) => s.name },
      { title: "Window", cell: (s) => `${s.start} to ${s.end}` },
      { title: "Return", numeric: true, cell: (s) => percent(s.return) },
      { title: "Gain or loss", numeric: true, cell: (s) => amount(s.profit_and_loss, currency) },
      { title: "By asset", cell: (s) => bar(s, scale, currency) },
      {
        title: "Worst point",
        numeric: true,
        cell: (s) => (s.worst_point ? `${percent(s.worst_point.return)} on ${s.worst_point.date}` : MISSING),
      },
      { title: "Covered", numeric: true, cell: (s) => percent(s.covered_weight, 0) },
    ],
    scenarios,
    { caption: "Windows of market history", captionHidden: true },
  );
}

/** Losses left of the line, gains right of it; every part says its asset and amount. */
function bar(scenario: HistoricalScenario, scale: Scale, currency: string): HTMLElement {
  const parts = partsOf(scenario, scale);
  const words = parts.map((part) => `${part.label} ${amount(part.profit, currency)}`);
  const line = h("span", { class: "zero" });
  line.style.left = `${100 * scale.zero}%`;
  const drawn = parts.map((part, i) => {
    const piece = h("span", { class: part.profit < 0 ? "part loss" : "part gain", title: words[i] });
    piece.style.left = `${100 * part.from}%`;
    piece.style.width = `${100 * (part.to - part.from)}%`;
    return piece;
  });
  return h("div", { class: "scenario-bar", role: "img", "aria-label": words.join(", ") }, ...drawn, line);
}
