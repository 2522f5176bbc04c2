/** What execution of plans cost over time. */

import { failureOf } from "../api/client";
import type { CostSums, ExecutionHistory, PlanCosts } from "../api/types";
import { STATES } from "../controls/states";
import { section, waiting } from "../decision/panel";
import { fill, h, uniqueId } from "../dom/element";
import { dataTable } from "../dom/table";
import { download } from "../exports/files";
import { amount, count, integer, utc } from "../format";
import { costsInWords, drawCosts, waterfallFrame } from "./costs";
import { withBps } from "./executed";
import { executions, type HistoryQuery } from "./service";

export function historyView(): { element: HTMLElement; load: () => void } {
  const [since, until] = ["since", "until"].map((name) => h("input", { type: "date", id: uniqueId(name) })) as [
    HTMLInputElement,
    HTMLInputElement,
  ];
  const reference = h("input", { type: "text", id: uniqueId("reference"), maxlength: 200, dir: "auto" });
  const outcome = h("div", { "aria-live": "polite" });
  const query = (): HistoryQuery => ({ since: since.value, until: until.value, reference: reference.value });
  const element = section(
    "Execution over time",
    "Plans by the day on which their orders left, in UTC. A sum has the plans whose shortfall is known",
    h(
      "form",
      { class: "toolbar", onsubmit: (event) => (event.preventDefault(), void load()) },
      h("label", { for: since.id }, "Since"),
      since,
      h("label", { for: until.id }, "Until"),
      until,
      h("label", { for: reference.id }, "Your reference"),
      reference,
      h("button", { type: "submit" }, "Show"),
      h("button", { type: "button", onclick: () => void save() }, "Download CSV"),
    ),
    outcome,
  );
  return { element, load: () => void load() };

  async function load(): Promise<void> {
    fill(outcome, waiting("Adding up"));
    try {
      show(await executions.history(query()));
    } catch (error) {
      refuse(error);
    }
  }

  async function save(): Promise<void> {
    try {
      download("execution-over-time.csv", "text/csv;charset=utf-8", await executions.historyTable(query()));
    } catch (error) {
      refuse(error);
    }
  }

  function refuse(error: unknown): void {
    const { title, detail } = failureOf(error);
    fill(outcome, h("p", { class: "outcome bad", role: "alert" }, `${title}. ${detail}`));
  }

  function show({ plans, months, totals }: ExecutionHistory): void {
    if (plans.length === 0) return fill(outcome, h("p", { class: "empty" }, "No orders left in this time."));
    const frames = totals.map((sums) => ({ sums, frame: waterfallFrame() }));
    fill(
      outcome,
      ...frames.flatMap(({ sums, frame }) => [
        h("p", { class: "lead" }, `${count(sums.plans, "plan")} in ${sums.currency}: ${costsInWords(sums.costs, sums.currency)}`),
        sums.left_out > 0 &&
          h("p", { class: "note" }, `Left out, because their shortfall is not known: ${count(sums.left_out, "plan")}.`),
        frame.element,
      ]),
      monthsTable(months),
      plansTable(plans),
    );
    for (const { sums, frame } of frames) drawCosts(frame, sums.costs, sums.currency, "No shortfall is known.");
  }
}

function monthsTable(months: readonly CostSums[]): HTMLElement {
  const cost = (pick: (sums: CostSums) => number | null) => (sums: CostSums) => amount(pick(sums), sums.currency);
  return dataTable<CostSums>(
    [
      { title: "Month", heading: true, cell: ({ month }) => month ?? "" },
      { title: "Currency", cell: ({ currency }) => currency },
      { title: "Plans", numeric: true, cell: ({ plans }) => integer(plans) },
      { title: "Left out", numeric: true, cell: ({ left_out: left }) => integer(left) },
      { title: "Delay", numeric: true, cell: cost(({ costs }) => costs.delay) },
      { title: "Trading", numeric: true, cell: cost(({ costs }) => costs.trading) },
      { title: "Opportunity", numeric: true, cell: cost(({ costs }) => costs.opportunity) },
      { title: "Fees", numeric: true, cell: cost(({ costs }) => costs.fees) },
      {
        title: "Shortfall",
        numeric: true,
        cell: ({ costs, currency }) => withBps(costs.shortfall, costs.shortfall_bps, currency),
      },
    ],
    months,
    { caption: "By month, positive for a cost" },
  );
}

function plansTable(plans: readonly PlanCosts[]): HTMLElement {
  return dataTable<PlanCosts>(
    [
      { title: "Orders left, UTC", heading: true, cell: (plan) => utc(plan.left_at) },
      { title: "Your reference", cell: (plan) => h("span", { dir: "auto" }, plan.client_reference ?? "") },
      { title: "State", cell: (plan) => STATES[plan.state] },
      { title: "Orders", numeric: true, cell: (plan) => integer(plan.orders) },
      { title: "Decision value", numeric: true, cell: ({ costs, currency }) => amount(costs.decision_value, currency) },
      {
        title: "Shortfall",
        numeric: true,
        cell: ({ costs, currency }) => withBps(costs.shortfall, costs.shortfall_bps, currency),
      },
      { title: "Beyond the estimate", numeric: true, cell: ({ costs, currency }) => amount(costs.beyond_estimate, currency) },
      { title: "Currency", cell: (plan) => plan.currency },
    ],
    plans,
    { caption: "By plan, oldest first", pageSize: 50 },
  );
}
