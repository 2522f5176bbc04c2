/** In which state the market of the target weights is: fitted by the service when it is asked for. */

import { call, failureOf } from "../api/client";
import type { Regimes } from "../api/types";
import { ChartFrame } from "../charts/frame";
import { growthDrawing } from "../charts/history";
import { regimesDrawing } from "../charts/regimes";
import { FEWEST, sentences, turbulence } from "../display/regimes";
import { commonTail, datesOf, growth, portfolioReturns } from "../display/statistics";
import { fill, h } from "../dom/element";
import type { Outcome } from "../outcome";
import { failureLine, section, waiting, type Panel } from "./panel";

const SUBTITLE =
  "Two states fitted to the returns of the target weights. The probabilities are filtered: each knows the returns up to its day, " +
  "while the states themselves are fitted to the whole history.";

export function regimesPanel(): Panel {
  const chart = new ChartFrame("Turbulent state", "Probability after each return, by what was known then");
  const past = new ChartFrame("Growth of one unit", "The target weights, restored daily");
  const words = h("div");
  const button = h("button", { type: "button", class: "fit-states", onclick: () => void ask() }, "Fit two states");
  let shown: { key: string; returns: readonly number[]; dates: readonly string[] } | undefined;
  past.element.hidden = chart.element.hidden = true;

  async function ask(): Promise<void> {
    const asked = shown;
    if (!asked) return;
    button.disabled = true;
    fill(words, waiting("Fitting"));
    try {
      const fit = await call<Regimes>("/api/regimes", { returns: asked.returns, states: 2 });
      // Another plan may be shown by now.
      if (shown?.key !== asked.key) return;
      fill(words, ...sentences(fit).map((sentence) => h("p", {}, sentence)));
      past.element.hidden = chart.element.hidden = false;
      past.show(growthDrawing([{ name: "value", colour: "now", values: growth(asked.returns) }], asked.dates));
      chart.show(regimesDrawing(turbulence(fit), asked.dates));
    } catch (error) {
      const failure = failureOf(error);
      if (shown?.key === asked.key) fill(words, failureLine(failure));
    } finally {
      button.disabled = (shown?.returns.length ?? 0) < FEWEST;
    }
  }

  return {
    element: section("Regimes", SUBTITLE, button, words, past.element, chart.element),
    show: (outcome) => {
      const { returns, dates } = history(outcome);
      const key = JSON.stringify(returns);
      if (shown?.key === key) return;
      shown = { key, returns, dates };
      button.disabled = returns.length < FEWEST;
      past.element.hidden = chart.element.hidden = true;
      const reason = `The histories share ${returns.length} returns; two states need ${FEWEST}.`;
      fill(words, returns.length < FEWEST && h("p", { class: "empty" }, reason));
    },
  };
}

/** Daily returns of the target weights on the common history, and their dates. */
function history({ request, plan }: Outcome): { returns: number[]; dates: readonly string[] } {
  const histories = commonTail(request.assets.map((asset) => asset.historical_returns ?? []));
  const weights = plan.weights.map((weight) => weight.target_weight);
  const returns = portfolioReturns(histories, weights);
  return { returns, dates: datesOf(request.dates ?? [], returns.length) };
}
