/** Monte Carlo: the plan's terminal figures with their standard errors, the fan, and the distribution at the horizon. */

import type { Plan } from "../api/types";
import { fanDrawing } from "../charts/fan";
import { ChartFrame } from "../charts/frame";
import { terminalDrawing } from "../charts/terminal";
import { fill, h } from "../dom/element";
import { dataTable } from "../dom/table";
import { growthInWords } from "../portfolio/growth";
import { decimal, integer, MISSING, percent } from "../format";
import type { Loadable } from "../outcome";
import { section, type Panel } from "./panel";
import { reasonMissing } from "./risk";

type Row = { name: string; now: string; target: string; after: string; error: string };
type Figures = Plan["monte_carlo"]["after"];

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
    element: section("Simulation", subtitle, figures, h("div", { class: "columns" }, fan.element, terminal.element)),
    show: ({ plan, simulation, paths }) => {
      const mc = plan.monte_carlo;
      const errors = mc.standard_errors;
      subtitle.textContent =
        "Geometric Brownian motion at the current, the target and the planned weights on the same shocks, rebalanced " +
        `continuously: ${integer(mc.paths)} paths over ${integer(mc.horizon_days)} trading days, seed ${mc.seed}.` +
        (mc.drift ? ` Expected growth: ${growthInWords(mc.drift.choice).toLowerCase()}.` : "");
      // Plans stored before the other weights were simulated have the current ones only.
      const [target, after] = [mc.target, mc.after] as (Figures | undefined)[];
      const row = (name: string, of: (figures: Figures) => string, error: string): Row => ({
        name,
        now: of(mc),
        target: target ? of(target) : MISSING,
        after: after ? of(after) : MISSING,
        error,
      });
      const rows: Row[] = [
        row("Mean value, per unit", (f) => decimal(f.expected_terminal_value, 4), decimal(errors.expected_terminal_value, 4)),
        row("Probability of loss", (f) => percent(f.probability_of_loss), percent(errors.probability_of_loss)),
        row(
          "5% quantile, per unit",
          (f) => decimal(f.worst_5pct_terminal_value, 4),
          decimal(errors.worst_5pct_terminal_value, 4),
        ),
        row("VaR at 95%, over the horizon", (f) => percent(f.var_95), percent(errors.var_95)),
        row("CVaR at 95%, over the horizon", (f) => percent(f.cvar_95), percent(errors.cvar_95)),
      ];
      const drift = mc.drift;
      if (drift) {
        rows.push(row("Growth simulated, a year", (f) => percent(f.drift?.annual), percent(drift.standard_error)));
        rows.push(row("Growth in the history, a year", (f) => percent(f.drift?.sample_annual), MISSING));
        const ends = (f: Figures) => f.drift?.probability_of_loss_interval?.map((end) => percent(end)).join(" to ");
        if (ends(mc)) rows.push(row("Probability of loss, 95% interval of growth", (f) => ends(f) ?? MISSING, MISSING));
      }
      if (paths.state === "ready") {
        const drawdown = paths.value.statistics.mean_max_drawdown;
        if (drawdown)
          rows.push({
            name: "Mean maximum drawdown",
            now: percent(drawdown.value),
            target: "",
            after: "",
            error: percent(drawdown.standard_error),
          });
      }
      const missing = rows.some((row) => row.now === MISSING)
        ? (reasonMissing(plan.warnings, "/monte_carlo") ?? "the simulation is switched off")
        : undefined;
      fill(
        figures,
        dataTable(
          [
            { title: "Figure", heading: true, cell: (row) => row.name },
            { title: "Now", numeric: true, cell: (row) => row.now },
            { title: "Target", numeric: true, cell: (row) => row.target },
            { title: "After", numeric: true, cell: (row) => row.after },
            { title: "± standard error, now", numeric: true, cell: (row) => row.error },
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
