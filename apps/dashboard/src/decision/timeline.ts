/** What each agent did, in order. */

import type { TandemStep } from "../api/types";
import { fill, h } from "../dom/element";
import { count, integer, money, percent } from "../format";
import { failureLine, section, waiting, type Panel } from "./panel";
import { decisionInWords } from "./words";

export function timelinePanel(): Panel {
  const content = h("div");
  return {
    element: section("Agents", "The record of the run, in order", content),
    show: ({ timeline, plan }) => {
      if (timeline.state === "loading") fill(content, waiting("The agents are at work"));
      else if (timeline.state === "failed") fill(content, failureLine(timeline.failure));
      else if (timeline.state === "ready") {
        fill(
          content,
          h("ol", { class: "timeline" }, ...timeline.value.timeline.map((step) => h("li", {}, h("h3", {}, step.agent), h("p", { class: "subtitle" }, step.objective), h("p", { dir: "auto" }, found(step.output, plan.currency))))),
        );
      }
    },
  };
}

/** An agent's output in a sentence. */
function found(output: TandemStep["output"], currency: string): string {
  if ("assets_loaded" in output) return `${count(output.assets_loaded, "asset")}, ${count(output.common_observations, "common observation")}.`;
  if ("forecast_snapshot" in output) {
    return output.forecast_snapshot.map((f) => `${f.asset} ${percent(f.forecast_return)} a day, confidence ${percent(f.confidence, 0)}`).join("; ") + ".";
  }
  if ("risk_metrics" in output) return output.risk_flags.join("; ") + ".";
  if ("top_rebalance_actions" in output) {
    return `Turnover ${percent(output.turnover_used)}, costs ${money(output.estimated_total_transaction_cost, currency)}. First: ${output.top_rebalance_actions.map((a) => `${a.action} ${a.asset}`).join(", ")}.`;
  }
  if ("execution_queue" in output) {
    if (output.execution_queue.length === 0) return "No orders.";
    return `${integer(output.execution_queue.length)} largest orders: ${output.execution_queue.map((o) => `${o.action} ${o.asset} ${money(o.notional, currency)}`).join("; ")}.`;
  }
  return `${decisionInWords(output.decision)}.`;
}
