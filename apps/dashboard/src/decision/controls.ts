/** The plan beside the control policy, as far as the plan alone decides; what an approval would find is in the tab of controls. */

import { controlInWords } from "../controls/catalogue";
import { checksTable, demandOf } from "../controls/checks";
import { fill, h } from "../dom/element";
import { section, type Panel } from "./panel";

export function controlsPanel(): Panel {
  const content = h("div", {});
  const element = section("Against the control policy", "What the orders are held against before they leave", content);
  return {
    element,
    show: ({ plan: { controls, currency } }) => {
      // A plan that was stored before its answer had them.
      element.hidden = controls === undefined;
      if (controls === undefined) return;
      const { checks, reason, policy_version: version, checked_at_approval: later } = controls;
      fill(
        content,
        h("p", {}, reason === undefined ? demandOf(checks) : `Not checked: ${reason}.`),
        checks.length > 0 && checksTable(checks, currency),
        h(
          "p",
          { class: "note" },
          version === 0 ? "Held against the default policy." : `Held against version ${version} of the policy.`,
        ),
        later.length > 0 && h("p", { class: "note" }, `Checked at approval and export: ${later.map(controlInWords).join(", ")}.`),
      );
    },
  };
}
