/** Pictures the page computes itself from the histories that were sent: growth, drawdown, correlation. */

import { correlationDrawing } from "../charts/correlation";
import { ChartFrame } from "../charts/frame";
import { drawdownDrawing, growthDrawing, type Line } from "../charts/history";
import { commonTail, datesOf, drawdown, growth, portfolioReturns } from "../display/statistics";
import { h } from "../dom/element";
import { integer } from "../format";
import { section, type Panel } from "./panel";
import { benchmarkInWords } from "./risk";

const KEY = [
  { label: "current weights", mark: "key-line now" },
  { label: "target weights", mark: "key-line dashed" },
];

export function displayPanel(): Panel {
  const value = new ChartFrame("Growth of one unit", "Rebalanced daily to the weights, before costs", KEY);
  const fall = new ChartFrame("Drawdown", "Fall from the highest value so far", KEY);
  const map = new ChartFrame("Correlation", "Daily returns, −1 to 1");
  const subtitle = h("span");
  let shown: unknown;
  return {
    element: section("History", subtitle, h("div", { class: "columns" }, h("div", {}, value.element, fall.element), map.element)),
    show: ({ request, plan }) => {
      const dates = request.dates ?? [];
      // Only other histories or weights change these drawings; a slider does not.
      const key = JSON.stringify(plan.weights.map((w) => [w.current_weight, w.target_weight]));
      const mark = { assets: [dates, ...request.assets.map((a) => a.historical_returns)], key };
      if (same(shown, mark)) return;
      shown = mark;
      const histories = commonTail(request.assets.map((asset) => asset.historical_returns ?? []));
      const length = histories[0]?.length ?? 0;
      subtitle.textContent =
        `Drawn by this page from the ${integer(length)} returns that all histories share; ` +
        `the decision uses the service's own figures. ${benchmarkInWords(plan)}`;
      if (length < 2) {
        const reason = "The histories have fewer than two common observations, so there is nothing to draw.";
        value.say(reason);
        fall.element.hidden = map.element.hidden = true;
        return;
      }
      fall.element.hidden = false;
      const line = (name: string, weights: number[], style: Pick<Line, "colour" | "dash">): Line => ({
        name,
        ...style,
        values: growth(portfolioReturns(histories, weights)),
      });
      const lines = [
        line(
          "current weights",
          plan.weights.map((w) => w.current_weight),
          { colour: "now" },
        ),
        line(
          "target weights",
          plan.weights.map((w) => w.target_weight),
          { colour: "target", dash: true },
        ),
      ];
      const days = datesOf(dates, length);
      value.show(growthDrawing(lines, days));
      fall.show(
        drawdownDrawing(
          lines.map((l) => ({ ...l, values: drawdown(l.values) })),
          days,
        ),
      );
      map.element.hidden = histories.length < 2;
      if (histories.length >= 2)
        map.show(
          correlationDrawing(
            plan.weights.map((w) => w.asset),
            histories,
            plan.weights.map((w) => w.current_weight),
          ),
        );
    },
  };
}

type Mark = { assets: readonly unknown[]; key: string };

function same(a: unknown, b: Mark): boolean {
  const known = a as Mark | undefined;
  return (
    known !== undefined &&
    known.key === b.key &&
    known.assets.length === b.assets.length &&
    JSON.stringify(known.assets) === JSON.stringify(b.assets)
  );
}
