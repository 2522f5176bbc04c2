/** Orders that left beside what became of them. */

import type { ExecutedOrder } from "../api/types";
import { h } from "../dom/element";
import { dataTable } from "../dom/table";
import { amount, decimal, MISSING, price, quantity, type Figure } from "../format";

/** What was proposed beside what became of it. */
export function executedTable(orders: readonly ExecutedOrder[], currency: string): HTMLElement {
  return dataTable<ExecutedOrder>(
    [
      { title: "Asset", heading: true, cell: (order) => h("span", { dir: "auto" }, order.asset) },
      { title: "Side", cell: (order) => h("span", { class: `action ${order.side}` }, order.side === "buy" ? "Buy" : "Sell") },
      { title: "Ordered", numeric: true, cell: (order) => quantity(Number(order.quantity)) },
      { title: "Filled", numeric: true, cell: (order) => quantity(Number(order.filled)) },
      { title: "Open", numeric: true, cell: (order) => quantity(Number(order.open)) },
      { title: "Plan's price", numeric: true, cell: (order) => price(order.decision_price) },
      {
        title: "Average",
        numeric: true,
        cell: (order) => (order.average_price === null ? MISSING : price(order.average_price)),
      },
      {
        title: "Shortfall",
        numeric: true,
        cell: ({ costs }) => withBps(costs.shortfall, costs.shortfall_bps, currency),
      },
      { title: "Fees", numeric: true, cell: ({ costs }) => amount(costs.fees, currency) },
      { title: "Estimate", numeric: true, cell: (order) => amount(order.estimated_cost, currency) },
      { title: "State", cell: stateInWords },
    ],
    orders,
    { caption: `Proposed and executed, money in ${currency}`, pageSize: 50 },
  );
}

/** Where an order stands; of a cancelled one also what was cancelled. */
export function stateInWords({ state, cancel }: Pick<ExecutedOrder, "state" | "cancel">): string {
  return state === "cancelled" && cancel ? `cancelled, rest ${quantity(Number(cancel.quantity))}` : state;
}

/** An amount with its basis points beneath. */
export function withBps(value: Figure, bps: Figure, currency: string): HTMLElement {
  return h(
    "span",
    {},
    amount(value, currency),
    h("span", { class: "beneath" }, bps === null || bps === undefined ? MISSING : `${decimal(bps)} bps`),
  );
}
