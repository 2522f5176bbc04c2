/** One book under several laws of returns: what is asked of each, and the quantiles of its answer. */

import type { Simulation, SimulationRequest } from "../api/types";

/** Quantiles of the value per unit invested at the end of some days; day 0 is the start. */
export interface ModelFan {
  name: string;
  days: readonly number[];
  low: readonly number[];
  median: readonly number[];
  high: readonly number[];
}

/** Days along the way at which quantiles are asked for. */
const STEPS = 6;
const PATHS = 10_000;

/** The request of one model: the book as one series of returns, rebalanced daily, without an excess return. */
export function modelRequest(
  model: NonNullable<SimulationRequest["model"]>,
  returns: readonly number[],
  days: number,
  seed: number,
): SimulationRequest {
  const horizons = new Set(Array.from({ length: STEPS }, (_, i) => Math.max(1, Math.round(((i + 1) * days) / STEPS))));
  return {
    model,
    returns: { portfolio: [...returns] },
    weights: [1],
    rebalancing: "fixed_weights",
    drift: "zero_excess",
    horizon_days: days,
    horizons: [...horizons],
    paths: PATHS,
    seed,
  };
}

/** What a law was given or fitted, of one series: "degrees of freedom 5". */
export function parametersInWords({ daily }: Simulation): string {
  const of = (value: unknown): string =>
    typeof value === "number" ? String(Number(value.toPrecision(3))) : Array.isArray(value) ? of(value[0]) : String(value);
  const parameters = (daily?.model.parameters ?? {}) as Record<string, unknown>;
  return Object.entries(parameters)
    .map(([name, value]) => `${name.replace(/[._]/g, " ")} ${of(value)}`)
    .join(", ");
}

/** The quantiles of an answer from day 0, where every path is at one. */
export function fanOf(name: string, { daily }: Simulation): ModelFan | undefined {
  if (!daily) return undefined;
  const { horizons } = daily;
  const at = (read: (statistics: (typeof horizons)[number]["statistics"]) => number): number[] => [
    1,
    ...horizons.map(({ statistics }) => read(statistics)),
  ];
  return {
    name,
    days: [0, ...horizons.map(({ day }) => day)],
    low: at((s) => s.terminal_quantile_05.value),
    median: at((s) => s.terminal_quantile_50.value),
    high: at((s) => s.terminal_quantile_95.value),
  };
}
