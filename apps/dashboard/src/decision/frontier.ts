/** What the history would have allowed; hidden where the service does not have the route. */

import { ChartFrame } from "../charts/frame";
import { frontierDrawing, type Place } from "../charts/frontier";
import { meanOf, volatilityOf } from "../display/statistics";
import { integer } from "../format";
import { NOT_OFFERED } from "../outcome";
import { section, type Panel } from "./panel";

export function frontierPanel(): Panel {
  const frame = new ChartFrame("Mean return against volatility", "Long-only portfolios of the same assets", [
    { label: "frontier", mark: "key-line" },
    { label: "now", mark: "key-now" },
    { label: "target", mark: "key-target" },
    { label: "after the plan", mark: "key-after" },
  ]);
  const subtitle = "From the means and covariances of the common history: what was possible in hindsight, not a forecast";
  const element = section("Efficient frontier", subtitle, frame.element);
  element.hidden = true;
  return {
    element,
    show: ({ plan, frontier, moments }) => {
      if (frontier.state === "loading") return;
      element.hidden = frontier.state === "absent" && frontier.reason === NOT_OFFERED;
      if (frontier.state === "absent") return frame.say(frontier.reason);
      if (frontier.state === "failed") return frame.say(`${frontier.failure.title}. ${frontier.failure.detail}`);
      const points = frontier.value.points ?? [];
      if (points.length === 0 || !moments)
        return frame.say(`The service found no frontier for these ${integer(plan.weights.length)} assets.`);
      const place = (name: Place["name"], weights: number[]): Place => ({
        name,
        volatility: volatilityOf(moments, weights),
        mean: meanOf(moments, weights),
      });
      frame.show(
        frontierDrawing(points, [
          place(
            "now",
            plan.weights.map((w) => w.current_weight),
          ),
          place(
            "target",
            plan.weights.map((w) => w.optimized_target_weight),
          ),
          place(
            "after the plan",
            plan.weights.map((w) => w.weight_after),
          ),
        ]),
      );
    },
  };
}
