/** The verdict: decision, the plan in one line, key figures, and the brief in words. */

import type { Insights } from "../api/types";
import { fill, h, type Child } from "../dom/element";
import { amount, count, decimal, integer, MISSING, money, percent } from "../format";
import type { Outcome } from "../outcome";
import { flagsOf } from "./flags";
import { failureLine, waiting, type Panel } from "./panel";
import { groupedWarnings } from "./warnings";
import { decisionInWords, verdictInWords } from "./words";

const SHOWN_SENTENCES = 2;

/** `links` stands at the end of the headline. */
export function verdictPanel(links: HTMLElement): Panel {
  const headline = h("div", { class: "headline" });
  const figures = h("dl", { class: "figures" });
  const brief = h("div", { class: "brief" });
  const element = h("section", { class: "panel verdict", "aria-label": "Decision" }, headline, figures, brief);
  let full = false;
  // Paper has nothing to click, so the brief is printed whole.
  const unfold = (open: boolean) => () => element.querySelector("details")?.toggleAttribute("open", open || full);
  let before = false;
  addEventListener("beforeprint", () => ((before = full), unfold(true)()));
  addEventListener("afterprint", () => ((full = before), unfold(false)()));

  const show = (outcome: Outcome): void => {
    const { plan, insights } = outcome;
    const buys = plan.trades.filter((t) => t.action === "Buy").length;
    const sells = plan.trades.filter((t) => t.action === "Sell").length;
    const contradiction = plan.optimization?.status === "infeasible";
    const decision = contradiction ? "CONTRADICTION" : insights.state === "ready" ? insights.value.decision : undefined;
    const what = contradiction
      ? "No portfolio satisfies the limits: nothing is traded"
      : buys + sells === 0
        ? "Nothing to trade"
        : [sells > 0 && count(sells, "sale"), buys > 0 && count(buys, "purchase")].filter(Boolean).join(" and ");
    fill(
      headline,
      h(
        "p",
        { class: `decision ${decision === "APPROVED" ? "good" : decision ? "attention" : ""}` },
        h("span", { class: "mark", "aria-hidden": "true" }, decision === "APPROVED" ? "✓" : decision ? "!" : "·"),
        decision ? decisionInWords(decision) : insights.state === "loading" ? "Assessing…" : "Not assessed",
      ),
      h("h2", {}, buys + sells === 0 ? what : `${what}, ${money(plan.estimated_total_transaction_cost, plan.currency)} in costs`),
      links,
    );
    const nav = plan.portfolio_value;
    fill(
      figures,
      ...figure("Value before", amount(nav, plan.currency), plan.currency),
      ...figure("Value after costs", amount(plan.value_after, plan.currency), plan.currency),
      ...figure(
        "Portfolio drift, now → after",
        `${percent(plan.portfolio_drift)} → ${percent(plan.portfolio_drift_after)}`,
        "½ · Σ |drift|",
      ),
      ...figure(
        "Two-way turnover",
        percent(plan.turnover_used),
        `turnover limit ${percent(plan.turnover_limit)}${plan.turnover_bound ? ", reached" : ""}`,
      ),
      ...figure(
        "Costs",
        amount(plan.estimated_total_transaction_cost, plan.currency),
        `${plan.currency}, ${decimal((plan.estimated_total_transaction_cost / nav) * 1e4)} bps of NAV`,
      ),
      ...payback(plan),
      ...waitingCost(plan),
      ...schedule(plan),
      ...figure("Cash after", percent(plan.cash.weight_after), money(plan.cash.value_after, plan.currency)),
    );
    if (insights.state === "loading") fill(brief, waiting("The brief is being written"));
    else if (insights.state === "failed") fill(brief, failureLine(insights.failure));
    else if (insights.state === "ready") fill(brief, ...inWords(insights.value, plan, contradiction));
  };

  /** What the costs buy: weeks until the smaller deviation has paid for them. */
  function payback(plan: Outcome["plan"]): Child[] {
    const worth = plan.worth.figures;
    if (!worth) return figure("Payback", MISSING, plan.worth.reason ?? "");
    if (worth.payback_weeks === null) return figure("Payback", MISSING, worth.payback_reason ?? "");
    const years = plan.worth.horizon_years === 1 ? "a year" : `in ${decimal(plan.worth.horizon_years)} years`;
    return figure(
      "Payback",
      `${decimal(worth.payback_weeks)} weeks`,
      `${decimal(worth.cost_bps)} bps of costs for ${decimal(worth.benefit_bps)} bps ${years} ` +
        `at a risk aversion of ${plan.worth.risk_aversion}; ${proof(worth)}`,
    );
  }

  /** What a week without the plan costs. */
  function waitingCost({ outlook, currency, portfolio_value }: Outcome["plan"]): Child[] {
    const name = `Cost of waiting ${count(outlook.days, "trading day")}`;
    const told = outlook.figures;
    if (!told) return figure(name, MISSING, outlook.reason ?? "");
    const bps = told.cost_of_waiting_bps;
    return figure(
      name,
      money((bps * portfolio_value) / 1e4, currency),
      `${decimal(bps)} bps of NAV; drift ${percent(told.portfolio_drift_now)} → ${percent(told.portfolio_drift_expected)}`,
    );
  }

  /** Into how many slices the orders are cut. */
  function schedule({ orders }: Outcome["plan"]): Child[] {
    if (orders.length === 0) return [];
    const slices = orders.reduce((sum, order) => sum + order.schedule.slices, 0);
    const days = Math.max(1, ...orders.filter((o) => o.schedule.method === "daily_volume").map((o) => o.schedule.slices));
    const sells = orders.some((order) => order.action === "Sell");
    const buys = orders.some((order) => order.action === "Buy");
    const over = days === 1 ? "within one session" : `over up to ${count(days, "day")}, by volume`;
    return figure("Schedule", count(slices, "slice"), `${over}${sells && buys ? "; sales before what they pay for" : ""}`);
  }

  /** How long it takes at most, or why that is not proven. */
  function proof(worth: NonNullable<Outcome["plan"]["worth"]["figures"]>): string {
    return worth.payback_weeks_at_most === null
      ? `not proven: ${worth.payback_at_most_reason ?? ""}`
      : `at most ${decimal(worth.payback_weeks_at_most)} weeks at 95% confidence`;
  }

  function inWords(insights: Insights, plan: Outcome["plan"], contradiction: boolean): Child[] {
    const warnings = groupedWarnings(plan).length;
    const sentences = insights.narrative.split(/(?<=[.!?]) (?=\p{Lu})/u);
    const rest = sentences.slice(SHOWN_SENTENCES);
    const details = h(
      "details",
      { open: full, ontoggle: () => (full = details.open) },
      h("summary", {}, "The whole brief, step by step"),
      h("h3", {}, "What to do"),
      h("ol", {}, ...insights.execution_playbook.map((step) => h("li", { dir: "auto" }, step))),
      h("h3", {}, "Why"),
      ...rest.map((sentence) => h("p", { dir: "auto" }, sentence)),
    );
    return [
      h(
        "div",
        { class: "columns" },
        h(
          "div",
          {},
          h("h3", {}, "Brief"),
          h(
            "p",
            { class: "lead", dir: "auto" },
            contradiction
              ? "The limits contradict each other, so nothing trades. See below why, and the smallest change that resolves it."
              : sentences.slice(0, SHOWN_SENTENCES).join(" "),
          ),
        ),
        h(
          "div",
          {},
          h("h3", {}, "Flags"),
          !contradiction && h("p", { class: "verdict-sentence", dir: "auto" }, verdictInWords(plan.verdict.sentence)),
          flags(plan, insights),
          warnings > 0 && h("p", {}, h("a", { href: "#warnings" }, `${count(warnings, "warning")} about the figures`)),
        ),
      ),
      !contradiction && details,
    ];
  }
  return { element, show };
}

function figure(name: string, value: string, remark: string): [HTMLElement] {
  return [
    h("div", {}, h("dt", {}, name), h("dd", {}, h("span", { class: "value" }, value), h("span", { class: "remark" }, remark))),
  ];
}

function flags(plan: Outcome["plan"], { risk_flags, risk_flag_details }: Insights): HTMLElement {
  const raised = flagsOf(plan, risk_flag_details);
  if (raised.length === 0) return h("ul", { class: "flags" }, ...risk_flags.map((s) => h("li", { class: "clear" }, s)));
  return h(
    "ul",
    { class: "flags" },
    ...raised.map(({ severity, word, text }) => h("li", { class: severity, dir: "auto" }, h("strong", {}, word), ` ${text}`)),
  );
}

/** The outcome in one sentence, for people who hear the page. */
export function announcement(outcome: Outcome): string {
  const { plan } = outcome;
  const trades = plan.trades.filter((t) => t.action !== "Hold").length;
  return (
    `Plan ready: ${integer(trades)} of ${count(plan.trades.length, "asset")} trade, ` +
    `turnover ${percent(plan.turnover_used)}, costs ${money(plan.estimated_total_transaction_cost, plan.currency)}.`
  );
}
