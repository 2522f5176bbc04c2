/** The weights before the plan, at their target and after it, in one drawing. */

import { allocationDrawing } from "../charts/allocation";
import { ChartFrame } from "../charts/frame";
import { section, type Panel } from "./panel";

export function allocationPanel(): Panel {
  const frame = new ChartFrame("Now, target, after", "Share of NAV; the drift method leaves what is inside its band alone", [
    { label: "now", mark: "key-now" },
    { label: "optimised target", mark: "key-target" },
    { label: "after the plan", mark: "key-after" },
    { label: "target ± drift threshold", mark: "key-range" },
    { label: "no trade of it pays", mark: "key-region" },
  ]);
  const element = section("Allocation", null, frame.element);
  return { element, show: ({ plan }) => frame.show(allocationDrawing(plan)) };
}
