/** Monte Carlo: the plan's terminal figures with their standard errors, the fan, and the distribution at the horizon. */

import { fanDrawing } from "../charts/fan";
import { ChartFrame } from "../charts/frame";
import { terminalDrawing } from "../charts/terminal";
import { fill, h } from "../dom/element";
import { dataTable } from "../dom/table";
import { decimal, integer, MISSING, percent } from "../format";
import type { Loadable } from "../outcome";
import { section, type Panel } from "./panel";
import { reasonMissing } from "./risk";

type Row = { name: string; value: string; error: string };

export function simulationPanel(): Panel {
  const figures = h("div");
  const fan = new ChartFrame("Value along the way", "Quantiles of the value per unit invested, day by day", [
    { label: "median", mark: "key-line" },
    { label: "25 to 75%", mark: "key-band strong" },
    { label: "5 to 95%", mark: "key-band" },
  ]);
  const terminal = new ChartFrame(
    "Value at the horizon",
    "Share of the simulated paths that end in each bin, per unit invested",
    [
      { label: "worst 5%", mark: "key-bar negative" },
      { label: "other outcomes", mark: "key-bar" },
    ],
  );
  const subtitle = h("span");
  return {
    element: section("Simulation", subtitle, h("div", { class: "columns" }, figures, fan.element, terminal.element)),
    show: ({ plan, simulation, paths }) => {
      const mc = plan.monte_carlo;
      const errors = mc.standard_errors;
      subtitle.textContent =
        "Geometric Brownian motion at the current weights, rebalanced continuously: " +
        `${integer(mc.paths)} paths over ${integer(mc.horizon_days)} trading days, seed ${mc.seed}.`;
      const rows: Row[] = [
        {
          name: "Mean value, per unit",
          value: decimal(mc.expected_terminal_value, 4),
          error: decimal(errors.expected_terminal_value, 4),
        },
        { name: "Probability of loss", value: percent(mc.probability_of_loss), error: percent(errors.probability_of_loss) },
        {
          name: "5% quantile, per unit",
          value: decimal(mc.worst_5pct_terminal_value, 4),
          error: decimal(errors.worst_5pct_terminal_value, 4),
        },
        { name: "VaR at 95%, over the horizon", value: percent(mc.var_95), error: percent(errors.var_95) },
        { name: "CVaR at 95%, over the horizon", value: percent(mc.cvar_95), error: percent(errors.cvar_95) },
      ];
      const drift = mc.drift;
      if (drift) {
        rows.push({ name: "Growth simulated, a year", value: percent(drift.annual), error: percent(drift.standard_error) });
        rows.push({ name: "Growth in the history, a year", value: percent(drift.sample_annual), error: MISSING });
        const ends = drift.probability_of_loss_interval;
        if (ends)
          rows.push({
            name: "Probability of loss, 95% interval of growth",
            value: ends.map((end) => percent(end)).join(" to "),
            error: MISSING,
          });
      }
      if (paths.state === "ready") {
        const drawdown = paths.value.statistics.mean_max_drawdown;
        if (drawdown)
          rows.push({ name: "Mean maximum drawdown", value: percent(drawdown.value), error: percent(drawdown.standard_error) });
      }
      const missing = rows.some((row) => row.value === MISSING)
        ? (reasonMissing(plan.warnings, "/monte_carlo") ?? "the simulation is switched off")
        : undefined;
      fill(
        figures,
        dataTable(
          [
            { title: "Figure", heading: true, cell: (row) => row.name },
            { title: "Value", numeric: true, cell: (row) => row.value },
            { title: "± standard error", numeric: true, cell: (row) => row.error },
          ],
          rows,
          { caption: "Figures at the horizon", captionHidden: true },
        ),
        missing && h("p", { class: "note" }, `${MISSING} means: ${missing}.`),
      );
      if (paths.state === "ready" && paths.value.fan) fan.show(fanDrawing(paths.value.fan));
      else if (paths.state !== "loading") fan.say(reasonAbsent(paths));
      const drawing = simulation.state === "ready" ? terminalDrawing(simulation.value) : undefined;
      if (drawing) terminal.show(drawing);
      else if (simulation.state !== "loading") terminal.say(reasonAbsent(simulation));
    },
  };
}

function reasonAbsent(part: Loadable<unknown>): string {
  if (part.state === "absent") return part.reason;
  if (part.state === "failed") return `${part.failure.title}. ${part.failure.detail}`;
  return "The value does not move, so there is nothing to draw.";
}
