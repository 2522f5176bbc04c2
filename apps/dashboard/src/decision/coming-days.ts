/** Quantiles of the coming days by a transformer that was trained here, on demand, with what it looked at. */

import { call, failureOf } from "../api/client";
import type { Forecasts, ModelList, Quantiles } from "../api/types";
import { attentionDrawing } from "../charts/attention";
import { comingDaysDrawing, selectionDrawing } from "../charts/coming-days";
import { ChartFrame } from "../charts/frame";
import { questionOf, transformersOf } from "../display/coming-days";
import { fill, h, uniqueId } from "../dom/element";
import type { Outcome } from "../outcome";
import { failureLine, section, waiting, type Panel } from "./panel";

const SUBTITLE =
  "Quantiles of the return of each coming day by a network that was trained through the service and passed its examination. " +
  "It informs: no plan is made with it.";
const KEY = [
  { label: "Network: 5% to 95%, 25% to 75%, median", mark: "key-line target" },
  { label: "Conformal interval, 90%", mark: "key-line negative dashed" },
];

export function comingDaysPanel(): Panel {
  const fan = new ChartFrame("Return of each coming day", "Simple returns by day, not compounded", KEY);
  const selection = new ChartFrame("Inputs that it uses", "Means over the assets, for these forecasts", [
    { label: "Inputs up to the last day", mark: "key-line target" },
    { label: "Inputs known ahead", mark: "key-line now" },
  ]);
  const attention = new ChartFrame("Days that it looks at", "The darker a cell, the more of the attention of that coming day");
  const words = h("div", { "aria-live": "polite" });
  const id = uniqueId("asset");
  const choice = h("select", { id, onchange: () => draw() });
  const chooser = h("p", { class: "toolbar", hidden: true }, h("label", { for: id }, "Asset"), choice);
  const button = h("button", { type: "button", class: "show-coming-days", onclick: () => void ask() }, "Show coming days");
  let shown: Outcome | undefined;
  let told: Quantiles | undefined;
  hide();

  function hide(): void {
    told = undefined;
    chooser.hidden = fan.element.hidden = selection.element.hidden = attention.element.hidden = true;
  }

  function draw(): void {
    const asset = told?.assets[choice.selectedIndex];
    if (told && asset) fan.show(comingDaysDrawing(told, asset));
  }

  async function ask(): Promise<void> {
    const asked = shown;
    if (!asked) return;
    button.disabled = true;
    hide();
    fill(words, waiting("Asking"));
    try {
      const [latest] = transformersOf(await call<ModelList>("/api/models"));
      const question = latest === undefined ? undefined : questionOf(asked.request, latest);
      if (latest === undefined || question === undefined || typeof question === "string") {
        const reason =
          question ?? "No transformer has been trained here: POST /api/models/train with the member transformer does it.";
        if (shown === asked) fill(words, h("p", { class: "empty" }, String(reason)));
        return;
      }
      const { quantiles } = await call<Forecasts>("/api/forecast", question);
      // Another plan may be shown by now.
      if (shown !== asked || !quantiles) return;
      told = quantiles;
      fill(
        words,
        h("p", {}, `${quantiles.model.id} ${quantiles.model.version}, as of ${question.quantiles?.dates.at(-1) ?? ""}.`),
      );
      fill(choice, ...quantiles.assets.map(({ asset }) => h("option", {}, asset)));
      chooser.hidden = fan.element.hidden = selection.element.hidden = attention.element.hidden = false;
      draw();
      selection.show(selectionDrawing(quantiles));
      attention.show(attentionDrawing(quantiles));
    } catch (error) {
      const failure = failureOf(error);
      const faults = failure.kind === "refused" ? failure.faults.map(({ pointer, detail }) => `${pointer ?? ""} ${detail}`) : [];
      if (shown === asked) fill(words, failureLine(failure), ...faults.map((fault) => h("p", { class: "note" }, fault)));
    } finally {
      button.disabled = false;
    }
  }

  return {
    element: section("Coming days", SUBTITLE, button, words, chooser, fan.element, selection.element, attention.element),
    show: (outcome) => {
      if (shown?.plan === outcome.plan) return;
      shown = outcome;
      hide();
      fill(words);
    },
  };
}
