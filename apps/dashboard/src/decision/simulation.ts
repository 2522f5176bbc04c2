/** Monte Carlo: the plan's terminal figures with their standard errors, the fan, and the distribution at the horizon. */

import { fanDrawing, terminalDrawing } from "../charts/fan";
import { ChartFrame } from "../charts/frame";
import { fill, h } from "../dom/element";
import { dataTable } from "../dom/table";
import { decimal, integer, MISSING, percent } from "../format";
import { section, type Panel } from "./panel";
import { reasonMissing } from "./risk";

type Row = { name: string; value: string; error: string };

export function simulationPanel(): Panel {
  const figures = h("div");
  const fan = new ChartFrame("Value along the way", "Per unit invested, current weights", [
    { label: "median", mark: "key-line" },
    { label: "25 to 75%", mark: "key-band strong" },
    { label: "5 to 95%", mark: "key-band" },
  ]);
  const terminal = new ChartFrame("Value at the horizon", "Quantiles per unit invested; VaR and CVaR marked");
  const subtitle = h("span");
  return {
    element: section("Simulation", subtitle, h("div", { class: "columns" }, figures, fan.element, terminal.element)),
    show: ({ plan, simulation, simulationBasis }) => {
      const mc = plan.monte_carlo;
      const errors = mc.standard_errors;
      subtitle.textContent = `Geometric Brownian motion, ${integer(mc.paths)} paths over ${integer(mc.horizon_days)} trading days, seed ${mc.seed}. ${simulationBasis}`;
      const rows: Row[] = [
        { name: "Mean value, per unit", value: decimal(mc.expected_terminal_value, 4), error: decimal(errors.expected_terminal_value, 4) },
        { name: "Probability of loss", value: percent(mc.probability_of_loss), error: percent(errors.probability_of_loss) },
        { name: "5% quantile, per unit", value: decimal(mc.worst_5pct_terminal_value, 4), error: decimal(errors.worst_5pct_terminal_value, 4) },
        { name: "VaR at 95%, over the horizon", value: percent(mc.var_95), error: percent(errors.var_95) },
        { name: "CVaR at 95%, over the horizon", value: percent(mc.cvar_95), error: percent(errors.cvar_95) },
      ];
      if (simulation.state === "ready") {
        const drawdown = simulation.value.statistics.mean_max_drawdown;
        if (drawdown) rows.push({ name: "Mean maximum drawdown", value: percent(drawdown.value), error: percent(drawdown.standard_error) });
      }
      const missing = rows.some((row) => row.value === MISSING) ? (reasonMissing(plan.warnings, "/monte_carlo") ?? "the simulation is switched off") : undefined;
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
      if (simulation.state === "ready") {
        if (simulation.value.fan) fan.show(fanDrawing(simulation.value.fan));
        else fan.say("The service sent no fan.");
        terminal.element.hidden = false;
        terminal.show(terminalDrawing(simulation.value));
      } else if (simulation.state !== "loading") {
        fan.say(simulation.state === "absent" ? simulation.reason : `${simulation.failure.title}. ${simulation.failure.detail}`);
        terminal.element.hidden = true;
      }
    },
  };
}
