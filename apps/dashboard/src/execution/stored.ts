/** Execution of a stored plan: what of its orders was filled and at which cost, and a field for what the broker reports. */

import { failureOf } from "../api/client";
import type { PlanExecution, PlanSummary } from "../api/types";
import { failureLine, section, waiting } from "../decision/panel";
import { fill, h, uniqueId } from "../dom/element";
import { download } from "../exports/files";
import { count, decimal, integer, money } from "../format";
import { plansByState, titleOf } from "../records/plan-list";
import { costsInWords, drawCosts, waterfallFrame } from "./costs";
import { executedTable } from "./executed";
import { executions, LEFT } from "./service";

const EXAMPLE = `fill_id,client_order_id,executed_at,quantity,price,fees
X-1001,SRQGCXBIYMWB5S6KM,2026-11-30T14:31:07Z,20,95.02,0.35`;

export function storedView(): { element: HTMLElement; load: () => void } {
  const place = h("div", { class: "results" });
  const list = plansByState({ states: LEFT, label: "Plans", changed: () => fill(place), look: (row) => void look(row) });
  const element = section(
    "Execution of stored plans",
    "Plans whose orders left: what was filled, at which cost, and the book after it",
    list.chooser,
    list.element,
    place,
  );
  return { element, load: () => void list.load() };

  async function look(row: PlanSummary, said = ""): Promise<void> {
    fill(place, waiting("Measuring"));
    try {
      show(row, await executions.of(row.plan_id), said);
    } catch (error) {
      fill(place, failureLine(failureOf(error)));
    }
  }

  function show(row: PlanSummary, execution: PlanExecution, said: string): void {
    const heading = h("h3", { id: uniqueId("executed"), tabindex: -1, dir: "auto" }, titleOf(row));
    const frame = waterfallFrame();
    const missing = execution.unavailable.find(({ pointer }) => pointer.startsWith("/total/"));
    fill(
      place,
      h(
        "section",
        { class: "decide", "aria-labelledby": heading.id },
        heading,
        h("p", { class: "lead" }, costsInWords(execution.total, execution.currency)),
        executedTable(execution.orders, execution.currency),
        frame.element,
        h("p", {}, bookInWords(execution)),
        ...execution.warnings.map(({ detail }) => h("p", { class: "note" }, detail)),
        execution.unmatched.length > 0 &&
          h(
            "p",
            { class: "note" },
            `Corrections and busts whose fill or cancel was not reported: ${execution.unmatched.join(", ")}.`,
          ),
        fillsForm(row, said),
        h("div", { class: "toolbar" }, h("button", { type: "button", onclick: () => void save(row.plan_id) }, "Download CSV")),
      ),
    );
    drawCosts(frame, execution.total, execution.currency, missing ? `No shortfall: ${missing.detail}.` : "No shortfall.");
    heading.focus();
  }

  function fillsForm(row: PlanSummary, said: string): HTMLElement {
    const fieldId = uniqueId("fills");
    const area = h("textarea", { id: fieldId, rows: 4, spellcheck: "false", placeholder: EXAMPLE });
    const outcome = h("p", { class: `outcome${said === "" ? "" : " good"}`, role: "status" }, said);
    const button = h("button", { type: "submit", class: "primary" }, "Record fills");
    return h(
      "form",
      { class: "decide-form", onsubmit: (event) => (event.preventDefault(), void send()) },
      h("label", { for: fieldId }, "What the broker reports: a table, or JSON as in POST …/fills"),
      area,
      h("div", { class: "toolbar" }, button),
      outcome,
    );

    async function send(): Promise<void> {
      button.disabled = true;
      try {
        const { recorded, repeated, warnings } = await executions.report(row.plan_id, area.value);
        const doubts = warnings.map(({ detail }) => ` ${detail}.`).join("");
        await look(row, `${count(recorded, "event")} recorded, ${integer(repeated)} known already.${doubts}`);
      } catch (error) {
        const failure = failureOf(error);
        const faults = failure.kind === "refused" ? failure.faults.map(({ pointer, detail }) => ` ${pointer} ${detail}.`) : [];
        outcome.className = "outcome bad";
        outcome.textContent = `Nothing was recorded. ${faults.length > 0 ? faults.join("").trim() : failure.detail}`;
        button.disabled = false;
        area.focus();
      }
    }
  }

  async function save(planId: string): Promise<void> {
    download("execution.csv", "text/csv;charset=utf-8", await executions.table(planId));
  }
}

function bookInWords({ book, currency, next, next_unavailable: why }: PlanExecution): string {
  const after = `After the fills the book is worth ${money(book.portfolio_value, currency)}, ${money(book.cash, currency)} of it cash.`;
  const gained = ` Against doing nothing: ${decimal(book.against_doing_nothing)} ${currency}.`;
  return after + gained + (next ? "" : ` The next plan cannot start from it: ${why ?? "it is not known"}.`);
}
