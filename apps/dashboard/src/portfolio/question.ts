/** The question before a plan, with a button for each reading. */

import { fill, h } from "../dom/element";
import type { Session } from "../session";
import type { Doubt } from "./doubts";

/** `plan` plans after a reading was chosen; `correct` leads to the fields in question. */
export function questionView(session: Session, plan: () => void, correct: (doubt: Doubt) => void): HTMLElement {
  const element = h("section", { class: "question", role: "alert", hidden: true });
  session.on("doubt", () => {
    const { doubt } = session;
    element.hidden = doubt === undefined;
    if (!doubt) return fill(element);
    const buttons = doubt.readings.map(({ label, change }) =>
      h(
        "button",
        {
          type: "button",
          onclick: () => {
            session.ask(undefined);
            if (!change) return correct(doubt);
            session.edit(change, { rebuilt: true });
            plan();
          },
        },
        label,
      ),
    );
    fill(
      element,
      h("h2", {}, "A question before the plan"),
      h("p", { dir: "auto" }, doubt.question),
      h("div", { class: "toolbar" }, ...buttons),
    );
    element.scrollIntoView({ block: "nearest" });
    buttons[0]?.focus();
  });
  return element;
}
