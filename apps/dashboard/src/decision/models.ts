/** The same book under several laws of returns, on demand: fans on one axis, and what each law says of the worst days. */

import { api, failureOf, wasAborted } from "../api/client";
import type { Simulation, SimulationRequest } from "../api/types";
import { ChartFrame } from "../charts/frame";
import { fansDrawing, markOf } from "../charts/fans";
import { fanOf, modelRequest, parametersInWords, type ModelFan } from "../display/models";
import { fill, h } from "../dom/element";
import { dataTable } from "../dom/table";
import { percent } from "../format";
import type { Outcome } from "../outcome";
import { failureLine, waiting } from "./panel";

const MODELS = [
  ["gbm", "Normal"],
  ["student_t", "Student-t"],
  ["bootstrap", "Stationary bootstrap"],
  ["filtered_historical", "Filtered historical"],
  ["jump_diffusion", "Jump diffusion"],
] as const satisfies readonly (readonly [NonNullable<SimulationRequest["model"]>, string])[];
/** Fewest returns from which the laws are fitted. */
const FEWEST = 60;

interface ModelResult {
  fan: ModelFan;
  simulation: Simulation;
}

export function modelsView(): { element: HTMLElement; show: (outcome: Outcome) => void } {
  const content = h("div", { "aria-live": "polite" });
  const button = h("button", { type: "button", onclick: () => void compare() }, "Compare models");
  const element = h("div", { class: "models" }, h("div", { class: "toolbar" }, button), content);
  let outcome: Outcome | undefined;
  let running: AbortController | undefined;
  return {
    element,
    show: (next) => {
      if (outcome?.plan === next.plan) return;
      outcome = next;
      running?.abort();
      button.disabled = next.returns.length < FEWEST;
      fill(
        content,
        button.disabled && h("p", { class: "note" }, `Models are compared from ${FEWEST} common returns on; the book has fewer.`),
      );
    },
  };

  async function compare(): Promise<void> {
    if (!outcome) return;
    const { returns, request } = outcome;
    running?.abort();
    const controller = (running = new AbortController());
    const days = request.monte_carlo?.horizon_days ?? 30;
    const seed = request.monte_carlo?.seed ?? 42;
    fill(content, waiting("Simulating"));
    try {
      const results: ModelResult[] = [];
      // One after another: each of them takes every core of the service.
      for (const [model, name] of MODELS) {
        const simulation = await api.simulate(modelRequest(model, returns, days, seed), controller.signal);
        const fan = fanOf(name, simulation);
        if (fan) results.push({ fan, simulation });
      }
      show(results);
    } catch (error) {
      if (!wasAborted(error)) fill(content, failureLine(failureOf(error)));
    }
  }

  function show(results: readonly ModelResult[]): void {
    const frame = new ChartFrame(
      "Fans by model",
      "5%, median and 95% of the value per unit invested; rebalanced daily, no excess return, so that the laws alone differ",
      results.map(({ fan }, i) => ({ label: fan.name, mark: markOf(i) })),
    );
    fill(
      content,
      frame.element,
      dataTable<ModelResult>(
        [
          { title: "Model", heading: true, cell: ({ fan }) => fan.name },
          {
            title: "Probability of loss",
            numeric: true,
            cell: ({ simulation }) => percent(last(simulation)?.probability_of_loss.value),
          },
          { title: "VaR95", numeric: true, cell: ({ simulation }) => percent(last(simulation)?.var_95?.value) },
          { title: "CVaR95", numeric: true, cell: ({ simulation }) => percent(last(simulation)?.cvar_95?.value) },
          {
            title: "Standard error of CVaR95",
            numeric: true,
            cell: ({ simulation }) => percent(last(simulation)?.cvar_95?.standard_error),
          },
          { title: "Its parameters", cell: ({ simulation }) => h("span", { class: "why" }, parametersInWords(simulation)) },
        ],
        results,
        { caption: "At the horizon" },
      ),
    );
    frame.show(fansDrawing(results.map(({ fan }) => fan)));
  }
}

function last({ daily }: Simulation) {
  return daily?.horizons.at(-1)?.statistics;
}
