/** One plan before a decision: what it proposes, what the policy says to it, and who decides what. */

import { api, failureOf, type Failure } from "../api/client";
import type { OrderEntry, Plan, PlanState, PlanStateAnswer, PlanSummary } from "../api/types";
import { failureLine, waiting } from "../decision/panel";
import { fill, h, uniqueId, type Child } from "../dom/element";
import { dataTable } from "../dom/table";
import { amount, MISSING, percent, price, quantity, utc } from "../format";
import { planLink } from "../records/link";
import { executedTable } from "../execution/executed";
import { executions } from "../execution/service";
import { checksTable, demandOf } from "./checks";
import { controls, type Decision } from "./service";
import { STATES } from "./states";

/** Characters the service takes as a comment. */
const COMMENT_MAX = 200;
/** What can be decided from where a plan stands. */
const NEXT: Record<PlanState, readonly Decision[]> = {
  proposed: ["approve", "reject", "cancel"],
  approved: ["cancel"],
  executing: ["finish", "cancel"],
  done: [],
  rejected: [],
  cancelled: [],
};
const LABELS: Record<Decision, string> = {
  approve: "Approve",
  reject: "Reject",
  cancel: "Cancel the plan",
  finish: "Nothing is left to do",
};

export interface DecisionForm {
  element: HTMLElement;
  load: () => Promise<void>;
  focus: () => void;
}

export function decisionForm(
  row: PlanSummary,
  title: string,
  actions: { open: (planId: string) => void; decided: () => void },
): DecisionForm {
  const id = uniqueId("decide");
  const heading = h("h3", { id, tabindex: -1, dir: "auto" }, title);
  const content = h("div", { class: "results" });
  const outcome = h("p", { class: "outcome", role: "status" });
  const element = h("section", { class: "decide", "aria-labelledby": id }, heading, content, outcome);
  let plan: Plan | undefined;
  return { element, load, focus: () => heading.focus() };

  async function load(): Promise<void> {
    fill(content, waiting("Held against the policy"));
    try {
      const [standing, stored] = await Promise.all([controls.stateOf(row.plan_id), api.storedPlan(row.plan_id)]);
      plan = stored.response;
      show(standing);
      if (standing.steps.some(({ state }) => state === "executing")) await tellExecution();
    } catch (error) {
      fill(content, h("p", { class: "outcome bad", role: "alert" }, refusalInWords(failureOf(error))));
    }
  }

  function show(standing: PlanStateAnswer): void {
    if (!plan) return;
    const { currency } = plan;
    const link = h("a", { href: planLink(row.plan_id), onclick: follow }, "Open the whole plan");
    fill(
      content,
      h("p", {}, h("span", { class: "chip" }, STATES[standing.state]), " ", link),
      ...stepsOf(standing),
      standing.state === "proposed" && h("p", { class: "lead" }, demandOf(standing.checks ?? [])),
      standing.checks && standing.checks.length > 0 && checksTable(standing.checks, currency),
      ordersOf(plan),
      form(standing.state),
    );
  }

  /** The difference of what became of the orders to what was proposed. */
  async function tellExecution(): Promise<void> {
    try {
      const { orders, currency } = await executions.of(row.plan_id);
      content.append(executedTable(orders, currency));
    } catch (error) {
      content.append(failureLine(failureOf(error)));
    }
  }

  function form(state: PlanState): Child {
    const decisions = NEXT[state];
    if (decisions.length === 0) return false;
    const commentId = uniqueId("comment");
    const comment = h("textarea", { id: commentId, rows: 2, maxlength: COMMENT_MAX, dir: "auto" });
    const buttons = decisions.map((decision) =>
      h(
        "button",
        {
          type: "button",
          class: decision === "approve" ? "primary" : "",
          onclick: () => void decide(decision, comment, buttons),
        },
        LABELS[decision],
      ),
    );
    return h(
      "div",
      { class: "decide-form", role: "group", "aria-label": `Decide about ${title}` },
      h("label", { for: commentId }, "Comment, kept in the audit trail"),
      comment,
      h("div", { class: "toolbar" }, ...buttons),
    );
  }

  async function decide(decision: Decision, comment: HTMLTextAreaElement, buttons: readonly HTMLButtonElement[]): Promise<void> {
    buttons.forEach((button) => (button.disabled = true));
    try {
      const standing = await controls.decide(row.plan_id, decision, comment.value);
      show(standing);
      say(`${title}: ${STATES[standing.state].toLowerCase()}.`, "good");
      heading.focus();
      actions.decided();
    } catch (error) {
      buttons.forEach((button) => (button.disabled = false));
      const failure = failureOf(error);
      say(refusalInWords(failure), "bad");
      if (failure.kind === "refused" && failure.faults.some((fault) => fault.pointer === "/comment")) comment.focus();
    }
  }

  function say(text: string, mark: "good" | "bad"): void {
    outcome.className = `outcome ${mark}`;
    outcome.textContent = text;
  }

  function follow(event: Event): void {
    const { ctrlKey, metaKey, shiftKey, button } = event as MouseEvent;
    if (ctrlKey || metaKey || shiftKey || button !== 0) return;
    event.preventDefault();
    actions.open(row.plan_id);
  }
}

/** Why the service did not do it. Its own sentence says it; a fault of the comment is said as one. */
export function refusalInWords(failure: Failure): string {
  if (failure.kind === "refused") {
    const comment = failure.faults.find((fault) => fault.pointer === "/comment");
    if (comment) return `A comment ${comment.detail}.`.replace(/\.\.$/, ".");
    const checks = failure.checks ?? [];
    if (checks.length > 0) return `The plan stays as it was. ${demandOf(checks)}`;
  }
  return `${failure.title}. ${failure.detail}`;
}

function stepsOf({ steps }: PlanStateAnswer): HTMLElement[] {
  return steps.map((step) =>
    h(
      "p",
      { class: "note", dir: "auto" },
      `${STATES[step.state]} by ${step.actor}, ${utc(step.taken_at)} UTC${step.comment ? `: ${step.comment}` : ""}`,
    ),
  );
}

/** What was proposed: the orders with what is held now and after. */
function ordersOf({ orders, weights, currency }: Plan): HTMLElement {
  return dataTable<OrderEntry>(
    [
      { title: "Asset", heading: true, cell: (order) => h("span", { dir: "auto" }, order.name ?? order.asset) },
      {
        title: "Side",
        cell: (order) => h("span", { class: `action ${order.action.toLowerCase()}` }, order.action),
      },
      { title: "Quantity", numeric: true, cell: (order) => quantity(order.quantity) },
      { title: `Value, ${currency}`, numeric: true, cell: (order) => amount(order.trade_value, currency) },
      { title: "Reference price", numeric: true, cell: (order) => price(order.reference_price) },
      { title: "Limit", numeric: true, cell: (order) => (order.limit_price === null ? MISSING : price(order.limit_price)) },
      { title: "Weight now", numeric: true, cell: (order) => percent(weights[order.position]?.current_weight) },
      { title: "After", numeric: true, cell: (order) => percent(weights[order.position]?.weight_after) },
      { title: "Target", numeric: true, cell: (order) => percent(weights[order.position]?.target_weight) },
    ],
    orders,
    { caption: orders.length === 0 ? "The plan proposes no order" : "Proposed orders", pageSize: 50 },
  );
}
