/** The orders: what to trade, at which price and why; what is held, wanted and left of it, all against the stated target. */

import type { OrderEntry, Plan, TradeEntry, WeightEntry } from "../api/types";
import { fill, h, type Child } from "../dom/element";
import { dataTable, type Column } from "../dom/table";
import { decisionJson, download, fileName, ordersCsv } from "../exports/files";
import { amount, count, decimal, integer, MISSING, percent, points, price, quantity, sign } from "../format";
import type { Outcome } from "../outcome";
import { orderFiles } from "./order-files";
import { section, type Panel } from "./panel";
import { fundingInWords, reasonOf, untradedInWords } from "./words";

interface Row {
  index: number;
  trade: TradeEntry;
  weight: WeightEntry;
  order: OrderEntry | undefined;
}

export function ordersPanel(openAsset: (index: number) => void): Panel {
  let outcome: Outcome | undefined;
  let ordersOnly = false;
  const content = h("div");
  const untraded = h("p", { class: "note" });
  const decided = h("p", { class: "note" });
  const only = h("input", { type: "checkbox", id: "orders-only", onchange: () => ((ordersOnly = only.checked), render()) });
  const save = (label: string, action: (o: Outcome) => void): HTMLButtonElement =>
    h("button", { type: "button", onclick: () => outcome && action(outcome) }, label);
  const files = orderFiles();
  const page = save("Save orders as CSV", ({ request, plan }) =>
    download(fileName("orders", request, plan, "csv"), "text/csv;charset=utf-8", ordersCsv(request, plan)),
  );
  const element = section(
    "Orders",
    "Drift is weight less the target weight of the policy",
    h(
      "div",
      { class: "toolbar" },
      h("span", { class: "check" }, only, h("label", { for: only.id }, "Orders only")),
      page,
      save("Save decision as JSON", ({ request, plan }) =>
        download(fileName("decision", request, plan, "json"), "application/json", decisionJson(request, plan)),
      ),
      h("button", { type: "button", onclick: () => print() }, "Print"),
    ),
    files.element,
    decided,
    untraded,
    content,
  );

  function render(): void {
    if (!outcome) return;
    const { plan } = outcome;
    // A stored plan has its table for a spreadsheet from the service.
    page.hidden = Boolean(plan.metadata.plan_id);
    files.show(outcome);
    untraded.textContent = leftAlone(plan);
    decided.hidden = !plan.learned_allocator;
    decided.textContent = `Targets and bands are those of ${plan.learned_allocator?.id ?? ""}, in the place of the policy's.`;
    const byPosition = new Map(plan.orders.map((order) => [order.position, order]));
    const rows = plan.trades.flatMap((trade, index): Row[] => {
      const weight = plan.weights[index];
      return weight && (!ordersOnly || trade.action !== "Hold") ? [{ trade, index, weight, order: byPosition.get(index) }] : [];
    });
    fill(
      content,
      dataTable(columnsOf(plan, openAsset), rows, {
        caption: `${count(plan.orders.length, "order")} for ${count(plan.trades.length, "asset")}`,
        class: "trades",
      }),
    );
  }
  return { element, show: (next) => ((outcome = next), render()) };
}

function columnsOf(plan: Plan, openAsset: (index: number) => void): Column<Row>[] {
  const { currency } = plan;
  const hasUnits = plan.weights.some((w) => w.quantity !== undefined);
  const isWeighed = plan.orders.some((order) => order.marginal_benefit_bps !== null);
  const settles = plan.orders.some((order) => order.settles_on !== null);
  const number = (title: string, cell: (row: Row) => Child): Column<Row> => ({ title, numeric: true, cell });
  const ofUnits: Column<Row>[] = [
    number("Held", ({ weight }) => quantity(weight.quantity)),
    number("At target, units", (row) => decimal(targetUnits(plan, row))),
    number("After, units", ({ weight }) => quantity(weight.quantity_after)),
  ];
  return [
    {
      title: "Asset",
      heading: true,
      cell: ({ trade, index, weight }) =>
        h(
          "span",
          {},
          h("button", { type: "button", class: "link name", dir: "auto", onclick: () => openAsset(index) }, trade.asset),
          weight.name !== undefined && h("span", { class: "beneath", dir: "auto" }, weight.name),
          weight.asset_class !== undefined && h("span", { class: "beneath", dir: "auto" }, weight.asset_class),
        ),
    },
    { title: "Side", cell: ({ trade }) => h("span", { class: `action ${trade.action.toLowerCase()}` }, trade.action) },
    number("Quantity", ({ order }) => (order ? quantity(order.quantity) : "")),
    number(`Value, ${currency}`, ({ trade }) => sign(trade.signed_trade_value)),
    number(`Price, ${currency}`, ({ order }) => (order ? price(order.reference_price) : "")),
    number("Limit", ({ order }) => (order ? price(order.limit_price) : "")),
    number(`Cost, ${currency}`, ({ trade }) => amount(trade.estimated_cost, currency)),
    ...(hasUnits ? ofUnits : []),
    number("Weight now", ({ weight }) => percent(weight.current_weight)),
    number("Target", ({ weight }) => percent(weight.target_weight)),
    number("After", ({ weight }) => percent(weight.weight_after)),
    number("Remaining drift", ({ weight }) => points(remainingDrift(weight))),
    ...(isWeighed ? [number("Worth, bps", ({ order }) => (order ? sign(order.marginal_benefit_bps) : ""))] : []),
    {
      title: "Why",
      cell: ({ trade, order }) =>
        h(
          "span",
          { class: "why" },
          reasonOf(trade, plan.turnover_bound),
          order && h("span", { class: "beneath", dir: "auto" }, paidBy(order)),
        ),
    },
    ...(settles ? [{ title: "Settles on", cell: ({ order }: Row) => order?.settles_on ?? (order ? MISSING : "") }] : []),
  ];
}

/** What is left between the weight after the plan and the target of the policy, the one that the portfolio's drift is against. */
export function remainingDrift(weight: WeightEntry): number {
  return weight.weight_after - weight.target_weight;
}

/** Units at the target weight of the book before its costs; a price is known where there is an order or a position. */
function targetUnits(plan: Plan, { weight, order }: Row): number | undefined {
  const held = weight.quantity ?? 0;
  const one = order?.reference_price ?? (held > 0 ? (weight.current_weight * plan.portfolio_value) / held : undefined);
  return one === undefined || weight.role === "excluded" ? undefined : (weight.target_weight * plan.portfolio_value) / one;
}

/** What pays for an order, and the orders that have to be filled first. */
function paidBy(order: OrderEntry): string {
  const first = order.waits_for;
  const after = first.length > 0 ? `; after ${first.slice(0, 3).join(", ")}${first.length > 3 ? " and more" : ""}` : "";
  const from = order.funded_from === null ? "" : ` from ${order.funded_from}`;
  return `${order.funding === null ? "" : fundingInWords(order.funding)}${from}${after}`;
}

/** Why the rest does not trade, in one line. */
function leftAlone(plan: Plan): string {
  if (plan.optimization?.status === "infeasible") return "Nothing trades: no portfolio satisfies the limits.";
  const counts = new Map<string, number>();
  for (const trade of plan.trades) if (trade.action === "Hold") counts.set(trade.reason, (counts.get(trade.reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, n]) => `${integer(n)} ${untradedInWords(reason)}`);
  const shrunk = plan.turnover_bound
    ? plan.method !== "drift"
      ? "The turnover limit is reached. "
      : "The turnover limit is reached: the trades that remove the most tracking error come first. "
    : "";
  return `${shrunk}${parts.length > 0 ? `Not traded: ${parts.join(", ")}.` : ""}`;
}
