/** Stored plans by where they stand, newest first: a choice of the state, and a page of them with the way to the next. */

import type { PlanState, PlanSummary } from "../api/types";
import { api } from "../api/client";
import { STATES } from "../controls/states";
import { h, uniqueId } from "../dom/element";
import { dataTable, type Column } from "../dom/table";
import { integer, utc } from "../format";
import { pagedList } from "./pages";

export interface PlansByState {
  /** The choice with its label. */
  chooser: HTMLElement;
  /** The plans. */
  element: HTMLElement;
  load: () => Promise<void>;
}

export function plansByState(options: {
  /** The states that can be chosen, the first of them at first. */
  states: readonly PlanState[];
  label: string;
  /** What is said where no plan stands, if there is more to say. */
  empty?: (state: PlanState) => string | undefined;
  /** Columns between the title and the number of orders, and after that number. */
  before?: readonly Column<PlanSummary>[];
  after?: readonly Column<PlanSummary>[];
  changed: () => void;
  look: (row: PlanSummary) => void;
}): PlansByState {
  const id = uniqueId("state");
  const choice = h(
    "select",
    { id, onchange: () => (options.changed(), void list.load()) },
    ...options.states.map((state) => h("option", { value: state }, STATES[state])),
  );
  const state = (): PlanState => choice.value as PlanState;
  const list = pagedList<PlanSummary>({
    read: (cursor) => api.plansIn(state(), cursor),
    loading: "Loading plans",
    empty: () => options.empty?.(state()) ?? "No plan stands here.",
    more: "Earlier plans",
    table: (items) =>
      dataTable<PlanSummary>(
        [
          {
            title: "Title",
            heading: true,
            cell: (row) =>
              h("button", { type: "button", class: "link", dir: "auto", onclick: () => options.look(row) }, titleOf(row)),
          },
          ...(options.before ?? []),
          { title: "Orders", numeric: true, cell: (row) => integer(row.orders) },
          ...(options.after ?? []),
          { title: "Made at, UTC", cell: (row) => utc(row.created_at) },
          { title: "Your reference", cell: (row) => row.client_reference ?? "" },
        ],
        items,
        { caption: `${STATES[state()]}, newest first`, pageSize: 1000 },
      ),
  });
  return {
    chooser: h("div", { class: "toolbar" }, h("label", { for: id }, options.label), choice),
    element: list.element,
    load: () => list.load(),
  };
}

/** What a plan is called. */
export function titleOf(row: Pick<PlanSummary, "title" | "created_at">): string {
  return row.title ?? `Plan of ${utc(row.created_at)}`;
}
