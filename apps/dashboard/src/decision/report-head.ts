/** What a printed report needs to be read without the page: which plan, when, made from what. */

import { fill, h } from "../dom/element";
import { decimal, money, percent } from "../format";
import { bandInWords, purposeInWords } from "./plan-words";
import type { Panel } from "./panel";

export function reportHead(): Panel {
  const element = h("header", { class: "report-head" });
  return {
    element,
    show: ({ plan, request }) => {
      const { timestamp_utc, engine_version, request_id, models } = plan.metadata;
      const fact = (name: string, value: string): HTMLElement => h("div", {}, h("dt", {}, name), h("dd", {}, value));
      fill(
        element,
        h("h1", { dir: "auto" }, `Rebalance report: ${request.name ?? "own portfolio"}`),
        h(
          "dl",
          { class: "facts" },
          fact("Made at, UTC", timestamp_utc.replace("T", " ").replace(/\.\d+Z$|Z$/, "")),
          fact("Portfolio value", money(plan.portfolio_value, plan.currency)),
          fact("Plan for", purposeInWords(plan)),
          fact("Band, half-width", bandInWords(plan)),
          fact("Turnover limit", percent(plan.turnover_limit)),
          fact(
            "Transaction cost",
            request.transaction_cost_bps === undefined || request.transaction_cost_bps === null
              ? "default"
              : `${decimal(request.transaction_cost_bps, 1)} bps`,
          ),
          fact("Models", (models ?? []).map((m) => `${m.id} ${m.version}`).join(", ") || "none"),
          fact("Engine", engine_version),
          fact("Request", request_id),
        ),
      );
    },
  };
}
