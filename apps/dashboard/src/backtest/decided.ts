/** What a policy decided on a day of a backtest: the book before, its targets, the trades with their costs, and why they were made. */

import type { BacktestDecision, BacktestPolicy, BacktestRequest, BacktestResult } from "../api/types";
import { h } from "../dom/element";
import { dataTable } from "../dom/table";
import { money, percent } from "../format";
import { bookOn, weightsOf } from "./day";

/** One line of the book; weights are fractions of its value before or after the trades. */
export interface DecidedLine {
  readonly name: string;
  readonly before: number;
  readonly target: number;
  readonly after: number;
  /** Money, positive buys. */
  readonly traded: number;
  readonly cost: number;
}

export interface Decided {
  /** The assets in the order of the series, and cash. */
  readonly lines: readonly DecidedLine[];
  readonly reason: string;
}

const OFTEN = {
  daily: "every day",
  weekly: "on the first day of each week",
  monthly: "on the first day of each month",
  quarterly: "on the first day of each quarter",
  annually: "on the first day of each year",
  never: "on the first day only",
} as const;

export function decidedOn(
  request: BacktestRequest,
  policy: BacktestPolicy,
  result: BacktestResult,
  first: number,
  decision: BacktestDecision,
): Decided {
  const assets = Object.keys(request.returns ?? {});
  const targets = weightsOf(policy, assets);
  const { values, cash } = bookOn(request, result, targets, first, decision.day);
  const trades = new Map(decision.trades.map((trade) => [trade.asset, trade]));
  const paid = decision.trades.reduce((sum, trade) => sum + trade.cost, 0);
  const bought = decision.trades.reduce((sum, trade) => sum + trade.signed_trade_value, 0);
  const before = decision.value_before;
  const share = (value: number, of: number): number => (of > 0 ? value / of : 0);
  const lines = assets.map((name, i): DecidedLine => {
    const [value, trade] = [values[i] ?? 0, trades.get(name)];
    const traded = trade?.signed_trade_value ?? 0;
    return {
      name,
      before: share(value, before),
      target: targets[i] ?? 0,
      after: share(value + traded, before - paid),
      traded,
      cost: trade?.cost ?? 0,
    };
  });
  const rest: DecidedLine = {
    name: "Cash",
    before: share(cash, before),
    target: Math.max(0, 1 - targets.reduce((sum, target) => sum + target, 0)),
    after: share(cash - bought - paid, before - paid),
    traded: -bought - paid,
    cost: 0,
  };
  return { lines: [...lines, rest], reason: reasonOf(policy, lines, decision) };
}

function reasonOf(policy: BacktestPolicy, lines: readonly DecidedLine[], decision: BacktestDecision): string {
  const plans = policy.kind === "optimal" || policy.kind === "plan";
  const often = OFTEN[policy.rebalance ?? (plans ? "monthly" : policy.kind === "buy_and_hold" ? "never" : "daily")];
  switch (policy.kind) {
    case "buy_and_hold":
      return "It buys on the first day and holds.";
    case "fixed_weights":
      return `It returns to its weights ${often}.`;
    case "band":
      return `It looks ${often}. ${breached(policy, lines)}`;
    case "optimal":
    case "plan": {
      const made = policy.kind === "optimal" ? "by the optimal method" : "with the settings of this portfolio";
      const kept =
        decision.trades.length === 0 ? " It trades nothing: no trade was worth its cost, or its verdict rejected it." : "";
      return `It plans ${often} ${made}, from the returns up to that day.${kept}`;
    }
  }
}

/** Which assets were outside their bands, where the width of a band is known here. */
function breached({ band, destination }: BacktestPolicy, lines: readonly DecidedLine[]): string {
  const end = destination
    ? destination === 1
      ? "the edge of its band"
      : `${percent(destination, 0)} of the way to the edge`
    : "its target";
  const rule = `What is outside its band is traded to ${end}, against whatever pays for it.`;
  if (band === "self") return `${rule} The bands follow from the costs of the assets.`;
  const {
    relative = 0,
    floor = 0,
    cap = 1,
  } = typeof band === "number" ? { relative: 0, floor: band, cap: band } : (band ?? { relative: 0.25, cap: 0.05 });
  const outside = lines.flatMap(({ name, before, target }) => {
    const width = Math.min(Math.max((relative ?? 0) * target, floor ?? 0), cap ?? 1);
    return Math.abs(before - target) > width - 1e-9
      ? [`${name}, ${percent(before)} against ${percent(target)} ± ${percent(width)}`]
      : [];
  });
  return outside.length === 0 ? rule : `Outside its band: ${outside.join("; ")}. ${rule}`;
}

/** The panel of that day. `plan` opens it as a plan of today's service. */
export function decidedPanel(
  { lines, reason }: Decided,
  { name, decision, currency, plan }: { name: string; decision: BacktestDecision; currency: string; plan: () => void },
): HTMLElement {
  const day = decision.date ?? `day ${decision.day}`;
  const title = `${name}, ${day}`;
  return h(
    "section",
    { class: "decided", "aria-label": title },
    h("h3", { tabindex: -1 }, title),
    h("p", {}, reason),
    dataTable<DecidedLine>(
      [
        { title: "Asset", heading: true, cell: (row) => row.name },
        { title: "Weight before", numeric: true, cell: (row) => percent(row.before) },
        { title: "Target", numeric: true, cell: (row) => percent(row.target) },
        { title: "Trade", numeric: true, cell: (row) => money(row.traded, currency) },
        { title: "Cost", numeric: true, cell: (row) => money(row.cost, currency) },
        { title: "Weight after", numeric: true, cell: (row) => percent(row.after) },
      ],
      lines,
      { caption: `Decision of ${title}: ${money(decision.value_before, currency)} before its trades` },
    ),
    decision.plan_digest && h("p", { class: "note" }, `SHA-256 of the plan that the replay made: ${decision.plan_digest}`),
    h("button", { type: "button", onclick: plan }, "Open as a plan"),
  );
}
