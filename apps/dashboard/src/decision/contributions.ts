/** Where the risk comes from: contributions that add up to the volatility, now and after the plan. */

import { contributionsDrawing } from "../charts/contributions";
import { ChartFrame } from "../charts/frame";
import { h } from "../dom/element";
import { decimal, percent } from "../format";
import { section, type Panel } from "./panel";

export function contributionsPanel(): Panel {
  const frame = new ChartFrame(
    "Contribution to volatility",
    "Weight times marginal volatility; the contributions add up to the whole",
    [
      { label: "now", mark: "key-now" },
      { label: "after the plan", mark: "key-after" },
    ],
  );
  const whole = h("p", { class: "note" });
  return {
    element: section("Where the risk comes from", null, frame.element, whole),
    show: ({ plan, contributions }) => {
      if (contributions.state === "loading") return;
      whole.hidden = true;
      if (contributions.state === "absent") return frame.say(contributions.reason);
      if (contributions.state === "failed") return frame.say(`${contributions.failure.title}. ${contributions.failure.detail}`);
      const { now, after } = contributions.value;
      const drawing = contributionsDrawing(plan, now, after);
      if (!drawing) return frame.say("The portfolio's value does not move, so there is nothing to divide.");
      frame.show(drawing);
      whole.hidden = false;
      whole.textContent =
        `Volatility ${percent(now.vol_ann)} now, ${percent(after.vol_ann)} after. ` +
        `Diversification ratio ${decimal(now.diversification_ratio)} → ${decimal(after.diversification_ratio)}, ` +
        `effective number of assets ${decimal(now.effective_n_hhi, 1)} → ${decimal(after.effective_n_hhi, 1)}.`;
    },
  };
}
