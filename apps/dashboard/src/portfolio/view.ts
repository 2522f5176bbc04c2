/** The portfolio being edited: what the plan is for, the book, the settings, and the button that plans it. */

import { h } from "../dom/element";
import type { Session } from "../session";
import type { Doubt } from "./doubts";
import { editorView } from "./editor";
import type { FaultBoard } from "./faults";
import { groupsView } from "./groups";
import { intentView } from "./intent";
import { BOOK, parametersView, SETTINGS } from "./parameters";
import { questionView } from "./question";

export interface PortfolioActions {
  plan: () => void;
  /** Asks, where the draft holds work that another book would take the place of. */
  mayReplace: () => Promise<boolean>;
}

export function portfolioView(session: Session, faults: FaultBoard, { plan, mayReplace }: PortfolioActions): HTMLElement {
  const editor = editorView(session, faults, mayReplace);
  const correct = ({ fields }: Doubt): void => {
    const member = { target: "target_weight", current: "current_weight", asset: "asset" }[fields];
    editor.querySelector<HTMLElement>(`input[data-pointer="/assets/0/${member}"]`)?.focus();
  };
  return h(
    "div",
    { class: "portfolio-view" },
    faults.summary,
    questionView(session, plan, correct),
    intentView(session, faults),
    parametersView(session, faults, BOOK, "Book"),
    editor,
    parametersView(session, faults, SETTINGS, "Settings"),
    groupsView(session, faults),
    h(
      "div",
      { class: "plan-bar" },
      h("button", { type: "button", class: "primary", onclick: plan }, "Plan"),
      h("p", { class: "note" }, "The service checks every figure and marks the fields that need correcting."),
    ),
  );
}
