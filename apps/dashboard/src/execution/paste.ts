/** Orders with their fills from a table that is pasted or read from a file. */

import { fill, h, uniqueId } from "../dom/element";
import { readOrders, type ExecutedDraft } from "./orders";

const EXAMPLE = `order,side,quantity,decision_price,arrival_price,end_price,fees,fill_quantity,fill_price
A,buy,1000,40.00,40.04,40.08,17,700,40.05`;

export function pastedOrders(take: (orders: readonly ExecutedDraft[]) => void): { element: HTMLElement } {
  const id = uniqueId("paste");
  const area = h("textarea", { id, rows: 5, spellcheck: "false", placeholder: EXAMPLE });
  const told = h("p", { class: "outcome", role: "status" });
  const choose = h("button", { type: "button", onclick: () => ask() }, "Read a file…");
  const element = h(
    "details",
    { class: "paste-orders" },
    h("summary", {}, "Paste a table of fills, or read a file"),
    h(
      "p",
      { class: "hint" },
      "A heading, then one line a fill: order, side, quantity, decision price, arrival price; where they are known, end price, fees, " +
        "VWAP, half-spread, estimated cost, fill quantity, fill price. Lines of one order are its fills.",
    ),
    h("label", { for: id }, "Table of fills"),
    area,
    h("div", { class: "toolbar" }, h("button", { type: "button", onclick: () => read(area.value) }, "Take these orders"), choose),
    told,
  );
  return { element };

  function read(text: string): void {
    const table = readOrders(text);
    told.className = `outcome ${"orders" in table ? "good" : "bad"}`;
    fill(told, "orders" in table ? table.remark : table.reason);
    if ("orders" in table) take(table.orders);
  }

  function ask(): void {
    const file = h("input", { type: "file", accept: ".csv,.tsv,.txt,text/csv" });
    file.addEventListener("change", () => void open(file.files?.[0]));
    file.click();
  }

  async function open(chosen: File | undefined): Promise<void> {
    if (!chosen) return;
    area.value = await chosen.text();
    read(area.value);
  }
}
