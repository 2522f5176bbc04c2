/** The method over several periods: the path of which the plan trades the first step, or why there is none. */

import { ChartFrame } from "../charts/frame";
import { pathDrawing } from "../charts/path";
import { fill, h } from "../dom/element";
import { section, type Panel } from "./panel";
import { pathInWords, withoutPath } from "./path-words";

export function pathPanel(): Panel {
  const frame = new ChartFrame(
    "Intended weights",
    "Share of NAV today; only the first step is traded, and the next plan states the rest again",
  );
  const proof = h("p", { class: "proof" });
  const element = section("The path it intends", null, proof, frame.element);
  element.hidden = true;
  return {
    element,
    show: ({ plan }) => {
      const path = plan.optimization?.path;
      element.hidden = !path;
      if (!path) return;
      const reason = withoutPath(path);
      frame.element.hidden = reason !== undefined;
      if (reason !== undefined) {
        proof.textContent = reason;
        return;
      }
      fill(proof, h("span", { class: "chip good" }, "Proven optimal"), ` ${pathInWords(path)}`);
      frame.show(pathDrawing(plan, path));
    },
  };
}
