/** The portfolio being edited: what the plan is for, the book, the settings, and the button that plans it. */

import { h } from "../dom/element";
import type { Session } from "../session";
import { bandGroupsView } from "./band-groups-view";
import type { Doubt } from "./doubts";
import { editorView, type Editor, type EditorActions } from "./editor";
import type { FaultBoard } from "./faults";
import { groupsView } from "./groups";
import { intentView } from "./intent";
import { BOOK, parametersView, SETTINGS } from "./parameters";
import { questionView } from "./question";
import { verdictLimitsView } from "./verdict-limits";

export interface PortfolioActions extends EditorActions {
  plan: () => void;
  /** Saving and opening books by name. */
  books: HTMLElement;
}

export function portfolioView(session: Session, faults: FaultBoard, { plan, books, ...actions }: PortfolioActions): Editor {
  const editor = editorView(session, faults, actions);
  const correct = ({ fields }: Doubt): void => {
    const member = { target: "target_weight", current: "current_weight", asset: "asset" }[fields];
    editor.element.querySelector<HTMLElement>(`input[data-pointer="/assets/0/${member}"]`)?.focus();
  };
  const element = h(
    "div",
    { class: "portfolio-view" },
    books,
    faults.summary,
    questionView(session, plan, correct),
    h("div", { class: "purpose" }, intentView(session, faults), verdictLimitsView(session, faults)),
    parametersView(session, faults, BOOK, "Book"),
    editor.element,
    parametersView(session, faults, SETTINGS, "Settings"),
    bandGroupsView(session, faults),
    groupsView(session, faults),
    h(
      "div",
      { class: "plan-bar" },
      h("button", { type: "button", class: "primary", onclick: plan }, "Plan"),
      h("p", { class: "note" }, "The service checks every figure and marks the fields that need correcting."),
    ),
  );
  return { ...editor, element };
}
