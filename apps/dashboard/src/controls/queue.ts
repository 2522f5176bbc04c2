/** Plans by where they stand, those that wait for a decision first; one of them opens below the list. */

import type { PlanState, PlanSummary } from "../api/types";
import { section } from "../decision/panel";
import { decisionInWords } from "../decision/words";
import { fill, h } from "../dom/element";
import { MISSING, money } from "../format";
import { plansByState, titleOf } from "../records/plan-list";
import { decisionForm } from "./decide";
import { STATES } from "./states";

export function queueView(actions: { open: (planId: string) => void }): { element: HTMLElement; load: () => void } {
  const place = h("div");
  const list = plansByState({
    states: Object.keys(STATES) as PlanState[],
    label: "Show",
    empty: (state) => (state === "proposed" ? "No plan waits for a decision." : undefined),
    before: [
      {
        title: "Value",
        numeric: true,
        cell: ({ portfolio_value: value, currency }) =>
          value === undefined || currency === undefined ? MISSING : money(value, currency),
      },
    ],
    after: [{ title: "Verdict", cell: (row) => (row.decision === undefined ? MISSING : decisionInWords(row.decision)) }],
    changed: () => fill(place),
    look: (row) => void look(row),
  });
  const element = section(
    "Plans and decisions",
    "The software proposes; people approve. A plan that is opened is held against the policy as it stands",
    list.chooser,
    list.element,
    place,
  );
  return { element, load: () => void list.load() };

  async function look(row: PlanSummary): Promise<void> {
    const form = decisionForm(row, titleOf(row), { open: actions.open, decided: () => void list.load() });
    fill(place, form.element);
    await form.load();
    form.focus();
  }
}
