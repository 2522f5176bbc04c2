/** The portfolio being edited: settings, groups, the table of assets, and the button that plans it. */

import { h } from "../dom/element";
import type { Session } from "../session";
import { editorView } from "./editor";
import type { FaultBoard } from "./faults";
import { groupsView } from "./groups";
import { parametersView } from "./parameters";

export function portfolioView(session: Session, faults: FaultBoard, plan: () => void): HTMLElement {
  return h(
    "div",
    { class: "portfolio-view" },
    faults.summary,
    parametersView(session, faults),
    groupsView(session, faults),
    editorView(session, faults),
    h(
      "div",
      { class: "plan-bar" },
      h("button", { type: "button", class: "primary", onclick: plan }, "Plan"),
      h("p", { class: "note" }, "The service checks every figure and marks the fields that need correcting."),
    ),
  );
}
