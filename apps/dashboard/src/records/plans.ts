/** The stored plans, newest first, found by words: open one, or put it beside the current one. */

import { api, failureOf } from "../api/client";
import type { PlanSummary } from "../api/types";
import { section } from "../decision/panel";
import { debounce, fill, h, uniqueId } from "../dom/element";
import { dataTable } from "../dom/table";
import { decisionInWords } from "../decision/words";
import { integer, MISSING, money, short, utc } from "../format";
import type { Session } from "../session";
import { planLink } from "./link";
import { pagedList } from "./pages";

export function plansView(
  session: Session,
  actions: { open: (planId: string) => void; compared: () => void },
): { element: HTMLElement; load: () => void } {
  const trouble = h("p", { class: "outcome bad", role: "alert", hidden: true });
  const id = uniqueId("find");
  const search = h("input", {
    type: "search",
    id,
    maxlength: 200,
    autocomplete: "off",
    oninput: debounce(250, () => void list.load()),
  });
  const words = (): string => search.value.trim();
  const list = pagedList<PlanSummary>({
    read: (cursor) => api.storedPlans(cursor, words()),
    loading: "Loading stored plans",
    empty: () =>
      words() === "" ? "No plan is stored yet. Commit stores the plan that is shown." : "No stored plan has all of these words.",
    more: "Earlier plans",
    table: (items) =>
      dataTable(
        [
          {
            title: "Title",
            heading: true,
            cell: (row) =>
              h(
                "a",
                { href: planLink(row.plan_id), dir: "auto", onclick: (event) => follow(event as MouseEvent, row.plan_id) },
                row.title ?? `Plan of ${utc(row.created_at)}`,
              ),
          },
          { title: "Value", numeric: true, cell: (row) => valueOf(row) },
          { title: "Orders", numeric: true, cell: (row) => (row.orders === undefined ? MISSING : integer(row.orders)) },
          { title: "Verdict", cell: (row) => (row.decision === undefined ? MISSING : decisionInWords(row.decision)) },
          { title: "Made at, UTC", cell: (row) => utc(row.created_at) },
          {
            title: "Plan",
            cell: (row) =>
              h(
                "span",
                {},
                h("code", { title: row.plan_id }, short(row.plan_id)),
                row.plan_id === shownId() && h("span", { class: "badge" }, "shown"),
              ),
          },
          { title: "Your reference", cell: (row) => row.client_reference ?? "" },
          {
            title: "Compare",
            cell: (row) =>
              h(
                "button",
                { type: "button", class: "quiet", disabled: row.plan_id === shownId(), onclick: () => void compare(row.plan_id) },
                "Compare",
                h("span", { class: "visually-hidden" }, ` ${row.title ?? "the plan"} of ${utc(row.created_at)}`),
              ),
          },
          { title: "Entry", numeric: true, cell: (row) => integer(row.sequence) },
        ],
        items,
        { caption: "Stored plans, newest first", pageSize: 1000 },
      ),
  });
  const element = section(
    "Stored plans",
    "Open one as it was answered, or compare it with the plan that is shown",
    h("div", { class: "toolbar", role: "search" }, h("label", { for: id }, "Find"), search),
    trouble,
    list.element,
  );
  return { element, load: () => void list.load() };

  function shownId(): string | undefined {
    return session.outcome?.plan.metadata.plan_id ?? undefined;
  }

  /** A plain click opens the plan in this page; any other does what links do. */
  function follow(event: MouseEvent, planId: string): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    actions.open(planId);
  }

  async function compare(planId: string): Promise<void> {
    trouble.hidden = true;
    try {
      await session.pinStored(planId);
      actions.compared();
    } catch (error) {
      const { title, detail } = failureOf(error);
      trouble.hidden = false;
      fill(trouble, `${title}. ${detail}`);
    }
  }
}

/** The value of the book in its currency; plans of earlier builds do not say it. */
function valueOf({ portfolio_value, currency }: PlanSummary): string {
  return portfolio_value === undefined || currency === undefined ? MISSING : money(portfolio_value, currency);
}
