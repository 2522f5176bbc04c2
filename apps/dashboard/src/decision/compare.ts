/** A pinned plan beside the current one. */

import type { Plan, PlanRequest } from "../api/types";
import { fill, h } from "../dom/element";
import { dataTable } from "../dom/table";
import { decimal, money, percent, points, sign } from "../format";
import { DEFAULTS } from "../portfolio/defaults";
import type { Session } from "../session";
import { section } from "./panel";
import { bandInWords, purposeInWords } from "./plan-words";
import { METRICS, riskFigure } from "./risk";

type Side = { request: PlanRequest; plan: Plan };
type Row = { name: string; a: string; b: string; change: string };

export function comparePanel(session: Session): { element: HTMLElement; show: () => void } {
  const content = h("div");
  const pin = h("button", { type: "button", onclick: () => session.pin() }, "Pin this plan");
  const unpin = h("button", { type: "button", onclick: () => session.unpin() }, "Unpin");
  const element = section(
    "Compare",
    "Pin a plan, then move a slider, edit the portfolio or look at an example",
    h("div", { class: "toolbar" }, pin, unpin),
    content,
  );
  element.classList.add("compare");
  const show = (): void => {
    const { pinned, outcome } = session;
    pin.disabled = !outcome;
    unpin.disabled = !pinned;
    if (!pinned || !outcome) return fill(content, h("p", { class: "empty" }, "No plan is pinned."));
    if (pinned.plan === outcome.plan)
      return fill(content, h("p", { class: "empty" }, `${pinned.label} is pinned. The next plan appears beside it.`));
    const label = outcome.request.name ?? "Own portfolio";
    fill(
      content,
      dataTable<Row>(
        [
          { title: "Measure", heading: true, cell: (row) => row.name },
          { title: `Pinned: ${pinned.label}`, numeric: true, cell: (row) => row.a },
          { title: `Now: ${label}`, numeric: true, cell: (row) => row.b },
          { title: "Change", numeric: true, cell: (row) => row.change },
        ],
        figures(pinned, outcome),
        { caption: "Pinned plan and current plan" },
      ),
      dataTable<Row>(
        [
          { title: "Order", heading: true, cell: (row) => h("span", { class: "name", dir: "auto" }, row.name) },
          { title: `Pinned, ${pinned.plan.currency}`, numeric: true, cell: (row) => row.a },
          { title: `Now, ${outcome.plan.currency}`, numeric: true, cell: (row) => row.b },
          {
            title: pinned.plan.currency === outcome.plan.currency ? `Change, ${outcome.plan.currency}` : "Change",
            numeric: true,
            cell: (row) => row.change,
          },
        ],
        orders(pinned.plan, outcome.plan),
        { caption: "Signed trade values", pageSize: 50 },
      ),
    );
  };
  session.on("pinned", show);
  show();
  return { element, show };
}

function figures(a: Side, b: Side): Row[] {
  const share = (name: string, read: (side: Side) => number): Row => ({
    name,
    a: percent(read(a)),
    b: percent(read(b)),
    change: points(read(b) - read(a)),
  });
  const bps = (side: Side): number => side.request.transaction_cost_bps ?? DEFAULTS.transaction_cost_bps;
  const trading = (side: Side): number => side.plan.trades.filter((t) => t.action !== "Hold").length;
  return [
    { name: "Method", a: a.plan.method, b: b.plan.method, change: "" },
    { name: "Plan for", a: purposeInWords(a.plan), b: purposeInWords(b.plan), change: "" },
    { name: "Band, half-width", a: bandInWords(a.plan), b: bandInWords(b.plan), change: "" },
    share("Turnover limit", (s) => s.plan.turnover_limit),
    {
      name: "Transaction cost",
      a: `${decimal(bps(a), 1)} bps`,
      b: `${decimal(bps(b), 1)} bps`,
      change: `${sign(bps(b) - bps(a), 1)} bps`,
    },
    { name: "Orders", a: String(trading(a)), b: String(trading(b)), change: sign(trading(b) - trading(a), 0) },
    share("Two-way turnover", (s) => s.plan.turnover_used),
    {
      name: "Costs",
      a: money(a.plan.estimated_total_transaction_cost, a.plan.currency),
      b: money(b.plan.estimated_total_transaction_cost, b.plan.currency),
      change:
        a.plan.currency === b.plan.currency
          ? `${sign(b.plan.estimated_total_transaction_cost - a.plan.estimated_total_transaction_cost)} ${b.plan.currency}`
          : "",
    },
    share("Portfolio drift after", (s) => s.plan.portfolio_drift_after),
    share("Cash after", (s) => s.plan.cash.weight_after),
    ...METRICS.map((metric) => {
      const [x, y] = [a.plan.after_risk_metrics?.[metric.key], b.plan.after_risk_metrics?.[metric.key]];
      const known = x !== null && x !== undefined && y !== null && y !== undefined;
      return {
        name: `${metric.name}, after`,
        a: riskFigure(metric, x),
        b: riskFigure(metric, y),
        change: known ? (metric.ratio ? sign(y - x) : points(y - x)) : "",
      };
    }),
  ];
}

function orders(a: Plan, b: Plan): Row[] {
  const values = new Map<string, [number | undefined, number | undefined]>();
  for (const trade of a.trades) values.set(trade.asset, [trade.signed_trade_value, undefined]);
  for (const trade of b.trades) values.set(trade.asset, [values.get(trade.asset)?.[0], trade.signed_trade_value]);
  return [...values]
    .filter(([, [x, y]]) => (x ?? 0) !== 0 || (y ?? 0) !== 0)
    .map(([name, [x, y]]) => ({
      name,
      a: sign(x),
      b: sign(y),
      change: x === undefined || y === undefined || a.currency !== b.currency ? "" : sign(y - x),
    }));
}
