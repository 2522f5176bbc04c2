/** Asks the service for what belongs to a plan beside its answer: brief, run, simulation, frontier, risk contributions. */

import { api, failureOf, wasAborted, type Offers } from "./api/client";
import type { Frontier, Plan, PlanRequest, RiskContributions, RunRecord, StressScenarios, SimulationRequest } from "./api/types";
import { scenarioRequest } from "./display/scenarios";
import { annualMoments, commonTail, portfolioReturns, type Moments } from "./display/statistics";
import { count } from "./format";
import { NOT_OFFERED, type Contributions, type Loadable, type Outcome } from "./outcome";

/** A frontier of more assets takes the service longer than a moving slider allows. */
const FRONTIER_ASSETS = 100;
const ONE_ASSET = "A frontier needs at least two assets.";
const TOO_MANY = `The page asks for a frontier of at most ${FRONTIER_ASSETS} assets.`;
const DRAFT = "The record of the agents is kept with a committed plan.";
const TOO_SHORT = "The histories have fewer than two common observations.";

type Part = "insights" | "run" | "simulation" | "paths" | "contributions" | "stress" | "frontier";

export interface Begun {
  /** The plan with every part loading or absent. */
  outcome: Outcome;
  /** Asks for the parts and puts each into the outcome as it arrives; `arrived` is called after each. */
  load: (signal: AbortSignal, arrived: () => void) => Promise<void>;
}

export class Companions {
  #offers: Promise<Offers> | undefined;
  /** The last answers of the routes that sliders leave unchanged, by route; requests are compared as text. */
  readonly #answers = new Map<string, { key: string; answer: unknown }>();

  begin({ request, plan, reopened }: Pick<Outcome, "request" | "plan" | "reopened">): Begun {
    const histories = commonTail(request.assets.map((asset) => asset.historical_returns ?? []));
    const currentWeights = plan.weights.map((w) => w.current_weight);
    const returns = portfolioReturns(histories, currentWeights);
    const simulation = simulationOf(request, plan);
    const measurable = returns.length >= 2;
    const isStored = Boolean(plan.metadata.plan_id);
    const noFrontier = frontierMissing(histories.length, returns.length);
    const moments = noFrontier === undefined ? annualMoments(histories) : undefined;
    const unless = (reason: string | undefined): Loadable<never> =>
      reason === undefined ? { state: "loading" } : { state: "absent", reason };
    const simulated = unless(typeof simulation === "string" ? simulation : undefined);
    const outcome: Outcome = {
      request,
      plan,
      reopened,
      hasReport: false,
      insights: { state: "loading" },
      run: unless(isStored ? undefined : DRAFT),
      simulation: simulated,
      paths: simulated,
      contributions: unless(measurable ? undefined : TOO_SHORT),
      stress: { state: "loading" },
      frontier: { state: "loading" },
      moments,
      returns,
    };
    const load = async (signal: AbortSignal, arrived: () => void): Promise<void> => {
      const attach = async (part: Part, answer: Promise<unknown>): Promise<void> => {
        const loaded = await settled(answer);
        if (!loaded) return;
        (outcome as Record<Part, Loadable<unknown>>)[part] = loaded;
        arrived();
      };
      const lack = (part: Part, reason: string = NOT_OFFERED): void => {
        (outcome as Record<Part, Loadable<unknown>>)[part] = { state: "absent", reason };
        arrived();
      };
      const parts = [attach("insights", api.insights(request, signal))];
      if (isStored) parts.push(attach("run", this.#run(outcome, signal)));
      if (typeof simulation !== "string") {
        const simulate = (r: SimulationRequest): ReturnType<typeof api.simulate> => api.simulate(r, signal);
        const onTheWay = { ...simulation, path_statistics: true, fan: true };
        parts.push(attach("simulation", this.#once("simulation", simulation, simulate)));
        parts.push(attach("paths", this.#once("paths", onTheWay, simulate)));
      }
      if (moments) parts.push(attach("frontier", this.#frontier(moments, signal)));
      else parts.push(this.#offered().then((offers) => lack("frontier", offers.frontier ? noFrontier : undefined)));
      parts.push(attach("stress", this.#scenarios(request, plan, signal)));
      if (measurable) parts.push(attach("contributions", this.#contributions(plan, histories, signal)));
      await Promise.all(parts);
    };
    return { outcome, load };
  }

  /** The record of the run that made the plan; nothing where none is kept. Making another would store another plan. */
  async #run(outcome: Outcome, signal: AbortSignal): Promise<RunRecord | undefined> {
    const id = outcome.plan.metadata.plan_id;
    outcome.hasReport = id !== undefined && id !== null && (await this.#offered()).planReport;
    if (!outcome.hasReport || !id) return undefined;
    try {
      return await api.runOf(id, signal);
    } catch (error) {
      if (wasAborted(error) || failureOf(error).kind !== "refused") throw error;
      return undefined;
    }
  }

  /** Asked once; asked again after a failure. */
  #offered(): Promise<Offers> {
    this.#offers ??= api
      .offers()
      .catch(() => ((this.#offers = undefined), { stress: false, frontier: false, planReport: false }));
    return this.#offers;
  }

  /** Thresholds and limits do not change what is simulated, so a slider reuses the last answer. */
  async #once<Request, Answer>(route: string, request: Request, ask: (request: Request) => Promise<Answer>): Promise<Answer> {
    const key = JSON.stringify(request);
    const last = this.#answers.get(route);
    if (last?.key === key) return last.answer as Answer;
    const answer = await ask(request);
    this.#answers.set(route, { key, answer });
    return answer;
  }

  async #contributions(plan: Plan, histories: readonly number[][], signal: AbortSignal): Promise<Contributions> {
    // Names stay out of this request: only the order matters, and an object does not keep the order of names like "7".
    const returns = Object.fromEntries(histories.map((history, i) => [`series ${i}`, history]));
    const of = async (when: string, weights: number[]): Promise<RiskContributions> => {
      const { contributions } = await this.#once(`contributions ${when}`, { returns, weights }, (r) => api.report(r, signal));
      if (!contributions) throw new Error("a report on several series has contributions");
      return contributions;
    };
    const [now, after] = await Promise.all([
      of(
        "now",
        plan.weights.map((w) => w.current_weight),
      ),
      of(
        "after",
        plan.weights.map((w) => w.weight_after),
      ),
    ]);
    return { now, after };
  }

  /** Nothing when the service does not have the route. */
  async #scenarios(request: PlanRequest, plan: Plan, signal: AbortSignal): Promise<StressScenarios | undefined> {
    if (!(await this.#offered()).stress) return undefined;
    return this.#once("scenarios", scenarioRequest(request, plan), (r) => api.stress(r, signal));
  }

  /** Nothing when the service does not have the route. */
  async #frontier({ mu, sigma }: Moments, signal: AbortSignal): Promise<Frontier | undefined> {
    if (!(await this.#offered()).frontier) return undefined;
    return this.#once("frontier", { method: "frontier" as const, mu, sigma, points: 25 }, (r) => api.frontier(r, signal));
  }
}

/** Why there is no frontier to ask for; nothing when there is one. */
export function frontierMissing(assets: number, days: number): string | undefined {
  if (assets < 2) return ONE_ASSET;
  if (assets > FRONTIER_ASSETS) return TOO_MANY;
  if (days < 2) return TOO_SHORT;
  if (days > assets) return undefined;
  return (
    `${count(days, "common observation")} of ${count(assets, "asset")} say too little for a frontier: ` +
    "it takes more observations than assets."
  );
}

/** An answer as a part of the outcome; nothing when it was aborted, because a newer plan has taken its place. */
async function settled(answer: Promise<unknown>): Promise<Loadable<unknown> | undefined> {
  try {
    const value = await answer;
    return value === undefined ? { state: "absent", reason: NOT_OFFERED } : { state: "ready", value };
  } catch (error) {
    return wasAborted(error) ? undefined : { state: "failed", failure: failureOf(error) };
  }
}

/**
 * The plan's own simulation as a request, or why there is none. At fixed weights the law of the portfolio is enough, so the
 * service simulates one asset under the law that the plan names; with the plan's seed its figures are the plan's figures.
 */
function simulationOf(request: PlanRequest, plan: Plan): SimulationRequest | string {
  const settings = request.monte_carlo ?? {};
  if (settings.paths === 0) return "The simulation is switched off: paths is 0.";
  const drift = plan.monte_carlo.drift;
  if (!drift) {
    const reason = plan.warnings.find((w) => w.code === "figure_unavailable" && w.pointer.startsWith("/monte_carlo"))?.detail;
    return `The service did not simulate this portfolio${reason ? `: ${reason}` : ""}.`;
  }
  return {
    model: "gbm",
    rebalancing: "fixed_weights",
    weights: [1],
    mu: [drift.law_drift],
    sigma: [[drift.law_volatility ** 2]],
    horizon_days: settings.horizon_days ?? 30,
    paths: settings.paths ?? 10_000,
    seed: settings.seed ?? 42,
  };
}
