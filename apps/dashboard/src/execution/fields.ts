/** The fields of executed orders; they write into the drafts they were made for. */

import { fill, h, uniqueId } from "../dom/element";
import type { FaultBoard } from "../portfolio/faults";
import { numberField } from "../portfolio/number-field";
import { emptyOrder, NUMBERS, type ExecutedDraft } from "./orders";

/** Fields that most analyses do without. */
const SELDOM: ReadonlySet<string> = new Set(["vwap", "halfSpread", "estimate"]);

export interface OrderFields {
  element: HTMLElement;
  orders: () => readonly ExecutedDraft[];
  replace: (orders: readonly ExecutedDraft[]) => void;
}

export function nameOf({ label }: ExecutedDraft, index: number): string {
  return label.trim() || `Order ${index + 1}`;
}

export function orderFields(faults: FaultBoard): OrderFields {
  let orders: ExecutedDraft[] = [emptyOrder()];
  const rows = h("div", { class: "executed-orders" });
  const add = h(
    "button",
    { type: "button", onclick: () => (orders.push(emptyOrder()), refresh(), focusOn(orders.length - 1)) },
    "Add order",
  );
  const element = h("div", {}, rows, h("div", { class: "toolbar" }, add));
  refresh();
  return { element, orders: () => orders, replace: (next) => ((orders = next.map((order) => ({ ...order }))), refresh()) };

  function refresh(): void {
    faults.forget("/orders");
    fill(rows, ...orders.map(orderOf));
  }

  function focusOn(index: number): void {
    rows.querySelectorAll("fieldset")[index]?.querySelector("input")?.focus();
  }

  function orderOf(order: ExecutedDraft, index: number): HTMLElement {
    const of = `order ${index + 1}`;
    const side = h(
      "select",
      { id: uniqueId("side"), onchange: () => (order.side = side.value as ExecutedDraft["side"]) },
      h("option", { value: "buy" }, "Buy"),
      h("option", { value: "sell" }, "Sell"),
    );
    side.value = order.side;
    const text = (field: "label" | "fills", label: string, pointer: string, hint?: string): HTMLElement => {
      const id = uniqueId("order");
      const input = h("input", {
        type: "text",
        id,
        value: order[field],
        autocomplete: "off",
        dir: "auto",
        placeholder: hint,
        onchange: () => (order[field] = input.value),
      });
      const name = `${label}, ${of}`;
      return h("div", { class: "field" }, caption(id, label, of), input, faults.register(pointer, input, name));
    };
    const numbers = NUMBERS.map(([field, member, label]): [string, HTMLElement] => {
      const id = uniqueId("order");
      const { control, choice } = numberField(
        { id, class: "number", value: order[field] },
        { percent: false, take: (typed) => (order[field] = typed) },
      );
      const message = faults.register(`/orders/${index}/${member}`, control, `${label}, ${of}`);
      return [field, h("div", { class: "field" }, caption(id, label, of), control, choice, message)];
    });
    const usual = numbers.filter(([field]) => !SELDOM.has(field)).map(([, field]) => field);
    const seldom = numbers.filter(([field]) => SELDOM.has(field)).map(([, field]) => field);
    const isStated = ([...SELDOM] as ("vwap" | "halfSpread" | "estimate")[]).some((field) => order[field] !== "");
    const remove = h(
      "button",
      { type: "button", class: "quiet", onclick: () => (orders.splice(index, 1), refresh(), add.focus()) },
      "Remove",
      h("span", { class: "visually-hidden" }, ` ${of}`),
    );
    return h(
      "fieldset",
      { class: "executed-order" },
      h("legend", {}, `Order ${index + 1}`),
      h(
        "div",
        { class: "order-fields" },
        text("label", "Name", `/orders/${index}`),
        h("div", { class: "field" }, caption(side.id, "Side", of), side),
        ...usual,
        text("fills", "Fills", `/orders/${index}/fills`, "700 @ 40.05; 300 @ 40.06"),
      ),
      h(
        "details",
        { open: isStated },
        h("summary", {}, "VWAP, half-spread, estimate"),
        h("div", { class: "order-fields" }, ...seldom),
      ),
      orders.length > 1 && remove,
    );
  }
}

function caption(id: string, label: string, of: string): HTMLElement {
  return h("label", { for: id }, label, h("span", { class: "visually-hidden" }, `, ${of}`));
}
