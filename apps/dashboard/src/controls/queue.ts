/** Plans by where they stand, those that wait for a decision first; one of them opens below the list. */

import type { PlanState, PlanSummary } from "../api/types";
import { section } from "../decision/panel";
import { decisionInWords } from "../decision/words";
import { fill, h, uniqueId } from "../dom/element";
import { dataTable } from "../dom/table";
import { integer, MISSING, money, utc } from "../format";
import { pagedList } from "../records/pages";
import { decisionForm } from "./decide";
import { controls } from "./service";
import { STATES } from "./states";

export function queueView(actions: { open: (planId: string) => void }): { element: HTMLElement; load: () => void } {
  const id = uniqueId("state");
  const choice = h(
    "select",
    { id, onchange: () => (fill(place), void list.load()) },
    ...Object.entries(STATES).map(([state, label]) => h("option", { value: state }, label)),
  );
  const place = h("div");
  const state = (): PlanState => choice.value as PlanState;
  const list = pagedList<PlanSummary>({
    read: (cursor) => controls.queue(state(), cursor),
    loading: "Loading plans",
    empty: () => (state() === "proposed" ? "No plan waits for a decision." : "No plan stands here."),
    more: "Earlier plans",
    table: (items) =>
      dataTable<PlanSummary>(
        [
          {
            title: "Title",
            heading: true,
            cell: (row) =>
              h("button", { type: "button", class: "link", dir: "auto", onclick: () => void look(row) }, titleOf(row)),
          },
          {
            title: "Value",
            numeric: true,
            cell: ({ portfolio_value: value, currency }) =>
              value === undefined || currency === undefined ? MISSING : money(value, currency),
          },
          { title: "Orders", numeric: true, cell: (row) => integer(row.orders) },
          { title: "Verdict", cell: (row) => (row.decision === undefined ? MISSING : decisionInWords(row.decision)) },
          { title: "Made at, UTC", cell: (row) => utc(row.created_at) },
          { title: "Your reference", cell: (row) => row.client_reference ?? "" },
        ],
        items,
        { caption: `${STATES[state()]}, newest first`, pageSize: 1000 },
      ),
  });
  const element = section(
    "Plans and decisions",
    "The software proposes; people approve. A plan that is opened is held against the policy as it stands",
    h("div", { class: "toolbar" }, h("label", { for: id }, "Show"), choice),
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

function titleOf(row: PlanSummary): string {
  return row.title ?? `Plan of ${utc(row.created_at)}`;
}
