/** What to trade and why; what is left undone. */

import { tradesCsv, download, decisionJson } from "../exports/files";
import { fill, h } from "../dom/element";
import { dataTable } from "../dom/table";
import { amount, count, integer, points, sign, units } from "../format";
import type { Plan } from "../api/types";
import type { Outcome } from "../outcome";
import { section, type Panel } from "./panel";
import { reasonOf, untradedInWords } from "./words";

export function tradesPanel(openAsset: (index: number) => void): Panel {
  let outcome: Outcome | undefined;
  let ordersOnly = false;
  const content = h("div");
  const untraded = h("p", { class: "note" });
  const only = h("input", { type: "checkbox", id: "orders-only", onchange: () => ((ordersOnly = only.checked), render()) });
  const save = (label: string, action: (o: Outcome) => void): HTMLButtonElement =>
    h("button", { type: "button", onclick: () => outcome && action(outcome) }, label);
  const element = section(
    "Trades",
    null,
    h(
      "div",
      { class: "toolbar" },
      h("span", { class: "check" }, only, h("label", { for: only.id }, "Orders only")),
      save("Save trades as CSV", (o) => download("trades.csv", "text/csv;charset=utf-8", tradesCsv(o.plan))),
      save("Save decision as JSON", (o) => download("decision.json", "application/json", decisionJson(o.request, o.plan))),
      h("button", { type: "button", onclick: () => print() }, "Print"),
    ),
    untraded,
    content,
  );

  function render(): void {
    if (!outcome) return;
    const { plan } = outcome;
    untraded.textContent = leftAlone(plan);
    const orders = plan.trades.filter((t) => t.action !== "Hold").length;
    const worth = new Map(plan.orders.map((order) => [order.position, order.marginal_benefit_bps]));
    const rows = plan.trades
      .map((trade, index) => ({ trade, index, weight: plan.weights[index] }))
      .filter((row) => !ordersOnly || row.trade.action !== "Hold");
    fill(
      content,
      dataTable(
        [
          {
            title: "Asset",
            heading: true,
            cell: ({ trade, index }) =>
              h("button", { type: "button", class: "link name", dir: "auto", onclick: () => openAsset(index) }, trade.asset),
          },
          { title: "Action", cell: ({ trade }) => h("span", { class: `action ${trade.action.toLowerCase()}` }, trade.action) },
          { title: "Why", cell: ({ trade }) => h("span", { class: "why" }, reasonOf(trade)) },
          { title: `Value, ${plan.currency}`, numeric: true, cell: ({ trade }) => sign(trade.signed_trade_value) },
          { title: "Units", numeric: true, cell: ({ trade }) => units(trade.trade_units) },
          { title: `Cost, ${plan.currency}`, numeric: true, cell: ({ trade }) => amount(trade.estimated_cost, plan.currency) },
          { title: "Worth, bps", numeric: true, cell: ({ index }) => sign(worth.get(index) ?? null) },
          { title: "Drift", numeric: true, cell: ({ weight }) => points(weight?.drift) },
          { title: "Left undone", numeric: true, cell: ({ weight }) => points(weight?.residual_drift) },
        ],
        rows,
        {
          caption: `${count(orders, "order")} for ${count(plan.trades.length, "asset")}; residual drift is against the tilted target`,
          class: "trades",
        },
      ),
    );
  }
  return { element, show: (next) => ((outcome = next), render()) };
}

/** Why the rest does not trade, in one line. */
function leftAlone(plan: Plan): string {
  if (plan.optimization?.status === "infeasible") return "Nothing trades: no portfolio satisfies the limits.";
  const counts = new Map<string, number>();
  for (const trade of plan.trades) if (trade.action === "Hold") counts.set(trade.reason, (counts.get(trade.reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, n]) => `${integer(n)} ${untradedInWords(reason)}`);
  const shrunk = plan.turnover_bound
    ? plan.method === "optimal"
      ? "The turnover limit is reached. "
      : "The turnover limit is reached: the trades that remove the most tracking error come first. "
    : "";
  return `${shrunk}${parts.length > 0 ? `Not traded: ${parts.join(", ")}.` : "Every asset trades."}`;
}
