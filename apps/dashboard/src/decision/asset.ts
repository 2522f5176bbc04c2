/** One asset in depth: its lines of the plan, its forecast, its history, its holdings. */

import type { Plan } from "../api/types";
import { ChartFrame } from "../charts/frame";
import { growthDrawing } from "../charts/history";
import { regionInWords } from "../charts/no-trade";
import { datesOf, growth } from "../display/statistics";
import { dialog } from "../dom/dialog";
import { h } from "../dom/element";
import { dataTable } from "../dom/table";
import { amount, decimal, MISSING, money, percent, points, sign, units } from "../format";
import type { Outcome } from "../outcome";
import { explanationDrawing } from "./explanation";
import { memberInWords } from "./member-words";
import { remainingDrift } from "./orders";
import { reasonOf } from "./words";

type AssetForecastEntry = Plan["house_view"]["asset_forecasts"][number];

const NO_INTERVAL: Record<NonNullable<AssetForecastEntry["annual_return_interval_reason"]>, string> = {
  no_history: "no history was sent",
  single_observation: "one return gives no error",
  constant_history: "the returns do not vary",
  not_stated: "the model states no error",
};

/** The forecast a year with its interval beside it, or why there is none; a plan stored before has it a day only. */
function annualReturn(forecast: AssetForecastEntry): string {
  const [value, interval] = [forecast.annual_return as number | undefined, forecast.annual_return_interval];
  if (value === undefined) return `${MISSING}: the plan was stored without it.`;
  const reason = forecast.annual_return_interval_reason;
  const beside = interval
    ? `95% ${interval.kind} interval ${percent(interval.lower)} to ${percent(interval.upper)}`
    : `no interval: ${reason ? NO_INTERVAL[reason] : "the data do not support one"}`;
  return `${percent(value)} (${beside}), not compounded.`;
}

export function assetDialog(): { element: HTMLElement; open: (outcome: Outcome, index: number) => void } {
  const window = dialog("sheet");
  const explanation = new ChartFrame("Why this forecast", "What each feature adds to the forecast of the trained model, a year");
  const history = new ChartFrame("Growth of one unit", "Drawn by this page from the history that was sent");
  return { element: window.element, open: (outcome, index) => show(outcome, index) };

  function show({ plan, request }: Outcome, index: number): void {
    const [weight, trade, forecast] = [plan.weights[index], plan.trades[index], plan.house_view.asset_forecasts[index]];
    if (!weight || !trade) return;
    const fact = (name: string, value: string): HTMLElement => h("div", {}, h("dt", {}, name), h("dd", {}, value));
    const returns = request.assets[index]?.historical_returns ?? [];
    const drilldown = Object.hasOwn(plan.asset_drilldown, weight.asset) ? plan.asset_drilldown[weight.asset] : undefined;
    const holdings = drilldown?.holdings ?? [];
    window.open(
      weight.asset,
      h(
        "dl",
        { class: "facts" },
        fact("Weight now", percent(weight.current_weight)),
        fact("Target", `${percent(weight.target_weight)} ± ${percent(weight.band_half_width)}`),
        fact("Target after tilt", percent(weight.optimized_target_weight)),
        fact("Weight after", percent(weight.weight_after)),
        fact("Drift", points(weight.drift)),
        fact("No trade pays", regionInWords(weight)),
        fact("Remaining drift", points(remainingDrift(weight))),
        fact("Action", trade.action),
        fact("Value", `${sign(trade.signed_trade_value)} ${plan.currency}`),
        fact("Units", units(trade.trade_units)),
        fact("Cost", money(trade.estimated_cost, plan.currency)),
      ),
      h("p", { class: "note" }, `${reasonOf(trade, plan.turnover_bound)}.`),
      forecast && h("h3", {}, "Forecast, return a year"),
      forecast && h("p", {}, annualReturn(forecast)),
      weight.no_trade_region &&
        h(
          "p",
          { class: "note" },
          `With the others at their targets, while the price of this asset moves its weight between ` +
            `${percent(weight.no_trade_region.lower)} and ${percent(weight.no_trade_region.upper)}, no trade of it lowers the objective ` +
            `by more than it costs.`,
        ),
      forecast && h("h3", {}, "Forecast, return a day"),
      forecast &&
        dataTable(
          [
            { title: "Member", heading: true, cell: (row: [string, string]) => row[0] },
            { title: "Value", numeric: true, cell: (row: [string, string]) => row[1] },
          ],
          [
            ["Momentum", memberInWords(forecast, "momentum")],
            ["Mean reversion", memberInWords(forecast, "mean_reversion")],
            ["EWMA", memberInWords(forecast, "ewma")],
            ["Ensemble", percent(forecast.ensemble, 3)],
            ["Standard error", percent(forecast.standard_error, 3)],
            ["Confidence, 0 to 100%", percent(forecast.confidence, 1)],
          ],
          { caption: "Forecast members", captionHidden: true },
        ),
      ...(forecast?.notes ?? []).map((note) => h("p", { class: "note", dir: "auto" }, note)),
      explanation.element,
      history.element,
      h("h3", {}, "Holdings"),
      holdings.length === 0
        ? h("p", { class: "empty" }, "No holdings were sent for this asset.")
        : dataTable(
            [
              { title: "Holding", heading: true, cell: (row) => h("span", { class: "name", dir: "auto" }, row.holding) },
              { title: "Share", numeric: true, cell: (row) => percent(row.holding_weight) },
              { title: `Value, ${plan.currency}`, numeric: true, cell: (row) => amount(row.implied_notional, plan.currency) },
              { title: "Price", numeric: true, cell: (row) => decimal(row.last_price) },
              { title: "Units", numeric: true, cell: (row) => units(row.implied_units) },
            ],
            holdings,
            { caption: "Holdings as sent", captionHidden: true },
          ),
    );
    const explained = forecast?.explanation;
    explanation.element.hidden = !explained;
    if (explained) explanation.show(explanationDrawing(weight.asset, explained));
    if (returns.length >= 2)
      history.show(
        growthDrawing([{ name: "value", colour: "now", values: growth(returns) }], datesOf(request.dates ?? [], returns.length)),
      );
    else history.say("No history to draw: fewer than two returns were sent.");
  }
}
