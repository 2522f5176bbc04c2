/**
 * What orders cost to execute: orders and their fills, typed or pasted, and the implementation shortfall against the decision price.
 *
 * Plans that are stored have their fills with the service: `stored.ts` shows them, `history.ts` adds them up over time.
 */

import { call, failureOf } from "../api/client";
import type { TcaAnswer, TcaCosts, TcaRequest } from "../api/types";
import { section, waiting } from "../decision/panel";
import { fill, h, uniqueId } from "../dom/element";
import { dataTable } from "../dom/table";
import { download } from "../exports/files";
import { amount, type Figure } from "../format";
import { FaultBoard } from "../portfolio/faults";
import { costsInWords, drawCosts, waterfallFrame } from "./costs";
import { withBps } from "./executed";
import { analysisCsv } from "./csv";
import { nameOf, orderFields } from "./fields";
import { historyView } from "./history";
import { requestOf, type ExecutedDraft } from "./orders";
import { pastedOrders } from "./paste";
import { storedView } from "./stored";

interface Analysis {
  answer: TcaAnswer;
  labels: string[];
}

export function executionView(): { element: HTMLElement; load: () => void } {
  const faults = new FaultBoard("The orders cannot be analysed yet");
  const fields = orderFields(faults);
  const currencyId = uniqueId("currency");
  const currency = h("input", { type: "text", id: currencyId, value: "USD", maxlength: 3, autocomplete: "off" });
  const outcome = h("div", { "aria-live": "polite" });
  const keep = h("button", { type: "button", disabled: true, onclick: () => save() }, "Download CSV");
  const print = h("button", { type: "button", disabled: true, onclick: () => window.print() }, "Print");
  const [stored, history] = [storedView(), historyView()];
  const form = h(
    "form",
    { class: "execution-form", onsubmit: (event) => (event.preventDefault(), void analyse()) },
    faults.summary,
    h("div", { class: "field currency" }, h("label", { for: currencyId }, "Currency of prices and amounts"), currency),
    faults.register("/currency", currency, "Currency"),
    fields.element,
    h("div", { class: "toolbar" }, h("button", { type: "submit", class: "primary" }, "Analyse"), keep, print),
  );
  const element = section(
    "Post-trade analysis",
    "Implementation shortfall against the decision price (Perold): delay, trading, opportunity and fees. Nothing is stored",
    pastedOrders(take).element,
    form,
    outcome,
  );
  let shown: Analysis | undefined;
  return {
    element: h("div", { class: "execution-view" }, stored.element, history.element, element),
    load: () => (stored.load(), history.load()),
  };

  function take(orders: readonly ExecutedDraft[]): void {
    faults.clear();
    fields.replace(orders);
  }

  async function analyse(): Promise<void> {
    faults.clear();
    fill(outcome, waiting("Measuring"));
    const labels = fields.orders().map(nameOf);
    const request: TcaRequest = requestOf(fields.orders(), currency.value);
    shown = undefined;
    try {
      shown = { answer: await call<TcaAnswer>("/api/tca", request), labels };
      show(shown);
    } catch (error) {
      const failure = failureOf(error);
      fill(outcome);
      if (failure.kind === "refused") faults.show(failure.faults, failure.detail, true);
      else fill(outcome, h("p", { class: "outcome bad", role: "alert" }, `${failure.title}. ${failure.detail}`));
    }
    keep.disabled = print.disabled = !shown;
  }

  function show({ answer, labels }: Analysis): void {
    const frame = waterfallFrame();
    const choice = h(
      "select",
      { id: uniqueId("whole"), onchange: () => draw() },
      h("option", { value: "" }, "All orders"),
      ...labels.map((label, i) => h("option", { value: String(i) }, label)),
    );
    const sentence = h("p", { class: "lead" });
    const draw = (): void => {
      const costs = choice.value === "" ? answer.total : (answer.orders[Number(choice.value)] ?? answer.total);
      sentence.textContent = costsInWords(costs, answer.currency);
      drawCosts(frame, costs, answer.currency, reasonOf(answer, choice.value));
    };
    fill(
      outcome,
      h("div", { class: "toolbar" }, h("label", { for: choice.id }, "Orders"), choice),
      sentence,
      frame.element,
      costsTable(answer, labels),
      benchmarksTable(answer, labels),
      ...answer.warnings.map((warning) => h("p", { class: "note" }, `${warning.detail}`)),
    );
    draw();
  }

  function save(): void {
    if (shown) download("execution.csv", "text/csv;charset=utf-8", analysisCsv(shown.answer, shown.labels));
  }
}

/** Why an order, or their sum, has no shortfall. */
function reasonOf(answer: TcaAnswer, order: string): string {
  const place = order === "" ? "/total" : `/orders/${order}`;
  const missing = answer.unavailable.find(({ pointer }) => pointer.startsWith(`${place}/`));
  return missing ? `No shortfall: ${missing.detail}.` : "No shortfall.";
}

type Line = [label: string, costs: TcaCosts];

function linesOf({ orders, total }: TcaAnswer, labels: readonly string[]): Line[] {
  const each = orders.map((costs, i): Line => [labels[i] ?? String(i + 1), costs]);
  return orders.length > 1 ? [...each, ["All orders", total]] : each;
}

function costsTable(answer: TcaAnswer, labels: readonly string[]): HTMLElement {
  const both = (value: Figure, bps: Figure): HTMLElement => withBps(value, bps, answer.currency);
  return dataTable<Line>(
    [
      { title: "Order", heading: true, cell: ([label]) => h("span", { dir: "auto" }, label) },
      { title: "Decision value", numeric: true, cell: ([, costs]) => amount(costs.decision_value, answer.currency) },
      { title: "Delay", numeric: true, cell: ([, costs]) => both(costs.delay, costs.delay_bps) },
      { title: "Trading", numeric: true, cell: ([, costs]) => both(costs.trading, costs.trading_bps) },
      { title: "Opportunity", numeric: true, cell: ([, costs]) => both(costs.opportunity, costs.opportunity_bps) },
      { title: "Fees", numeric: true, cell: ([, costs]) => both(costs.fees, costs.fees_bps) },
      { title: "Shortfall", numeric: true, cell: ([, costs]) => both(costs.shortfall, costs.shortfall_bps) },
    ],
    linesOf(answer, labels),
    { caption: `Costs in ${answer.currency}, positive for a cost; delay on the units that were filled (Wagner and Edwards)` },
  );
}

function benchmarksTable(answer: TcaAnswer, labels: readonly string[]): HTMLElement {
  const cell = (value: Figure): string => amount(value, answer.currency);
  return dataTable<Line>(
    [
      { title: "Order", heading: true, cell: ([label]) => h("span", { dir: "auto" }, label) },
      { title: "Spread", numeric: true, cell: ([, costs]) => cell(costs.spread) },
      { title: "Impact", numeric: true, cell: ([, costs]) => cell(costs.impact) },
      { title: "Against VWAP", numeric: true, cell: ([, costs]) => cell(costs.against_vwap) },
      { title: "Beyond the estimate", numeric: true, cell: ([, costs]) => cell(costs.beyond_estimate) },
      { title: "Delay, all units", numeric: true, cell: ([, costs]) => cell(costs.kissell.delay) },
      { title: "Opportunity from arrival", numeric: true, cell: ([, costs]) => cell(costs.kissell.opportunity) },
    ],
    linesOf(answer, labels),
    { caption: `Trading in parts, other benchmarks, and Kissell's delay on all units ordered, in ${answer.currency}` },
  );
}
