/** The orders of a stored plan as the service writes them: for a spreadsheet, for a broker's basket trader, as FIX messages. */

import { api, failureOf, type OrderFormat } from "../api/client";
import { fill, h } from "../dom/element";
import { download, fileName } from "../exports/files";
import type { Outcome } from "../outcome";

interface OrderFile {
  format: OrderFormat;
  label: string;
  /** How its name begins and ends. */
  name: string;
  ending: string;
  type: string;
}

const FILES: readonly OrderFile[] = [
  { format: "csv", label: "Spreadsheet (CSV)", name: "orders", ending: "csv", type: "text/csv;charset=utf-8" },
  { format: "basket", label: "Broker basket", name: "basket", ending: "csv", type: "text/csv;charset=utf-8" },
  { format: "fix", label: "FIX 4.4", name: "fix", ending: "txt", type: "text/plain;charset=utf-8" },
];

export function orderFiles(): { element: HTMLElement; show: (outcome: Outcome) => void } {
  let outcome: Outcome | undefined;
  const trouble = h("p", { class: "outcome bad", role: "alert", hidden: true });
  const buttons = FILES.map((file) => {
    const button: HTMLButtonElement = h("button", { type: "button", onclick: () => void save(file, button) }, file.label);
    return button;
  });
  const stored = h(
    "div",
    { class: "toolbar", role: "group", "aria-label": "Order files" },
    h("span", { class: "note" }, "Order files"),
    ...buttons,
  );
  const draft = h("p", { class: "note" }, "Commit this draft, and its orders can be had as broker basket and FIX messages too.");
  const element = h("div", {}, stored, draft, trouble);
  return { element, show };

  function show(next: Outcome): void {
    if (outcome?.plan !== next.plan) trouble.hidden = true;
    outcome = next;
    const hasOrders = next.plan.orders.length > 0;
    const isStored = Boolean(next.plan.metadata.plan_id);
    stored.hidden = !isStored || !hasOrders;
    draft.hidden = isStored || !hasOrders;
  }

  async function save({ format, name, ending, type }: OrderFile, button: HTMLButtonElement): Promise<void> {
    const of = outcome;
    const id = of?.plan.metadata.plan_id;
    if (!of || !id) return;
    button.disabled = true;
    trouble.hidden = true;
    try {
      download(fileName(name, of.request, of.plan, ending), type, await api.orderFile(id, format));
    } catch (error) {
      const failure = failureOf(error);
      trouble.hidden = false;
      fill(trouble, `${failure.title}. ${failure.detail}`);
    } finally {
      button.disabled = false;
    }
  }
}
