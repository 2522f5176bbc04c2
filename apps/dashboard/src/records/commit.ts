/** The button that stores the shown draft under a title. A stored plan has none. */

import { failureOf } from "../api/client";
import { fill, h, uniqueId } from "../dom/element";
import type { Outcome } from "../outcome";
import type { Session } from "../session";

/** Characters the service takes as a title. */
const MOST = 200;

export function commitForm(session: Session): { element: HTMLElement; show: (outcome: Outcome) => void } {
  const id = uniqueId("commit");
  /** The title that was offered: one that the reader changed stays when a slider makes another draft. */
  let offered = "";
  /** A key for each title of one draft: pressed again after a lost answer, the plan is not stored twice. */
  const keys = new Map<string, string>();
  let draftId = "";
  const title = h("input", { type: "text", id, maxlength: MOST, autocomplete: "off", dir: "auto" });
  const trouble = h("p", { class: "outcome bad", role: "alert", hidden: true });
  const button = h("button", { type: "submit", class: "primary" }, "Commit");
  const element = h(
    "form",
    { class: "commit", onsubmit: (event) => (event.preventDefault(), void commit()) },
    h("label", { for: id }, "Title"),
    title,
    button,
    trouble,
  );
  return { element, show };

  function show({ plan, request }: Outcome): void {
    element.hidden = Boolean(plan.metadata.plan_id);
    if (draftId !== plan.metadata.request_id) {
      draftId = plan.metadata.request_id;
      keys.clear();
      trouble.hidden = true;
    }
    const usual = (request.title ?? request.name ?? "").slice(0, MOST);
    if (title.value === offered) title.value = usual;
    offered = usual;
  }

  async function commit(): Promise<void> {
    const typed = title.value.trim();
    const key = keys.get(typed) ?? `${draftId}-${keys.size + 1}`;
    keys.set(typed, key);
    button.disabled = true;
    trouble.hidden = true;
    try {
      await session.commit(typed, key);
    } catch (error) {
      const { title: what, detail } = failureOf(error);
      trouble.hidden = false;
      fill(trouble, `${what}. ${detail}`);
    } finally {
      button.disabled = false;
    }
  }
}
