/** What the page knows: the draft, the last plan with what belongs to it, and the plan pinned for comparison. */

import { api, ApiError, failureOf, wasAborted, type Failure, type Offers } from "./api/client";
import type {
  Frontier,
  Insights,
  Plan,
  PlanRequest,
  RiskContributions,
  RunRecord,
  Simulation,
  SimulationRequest,
} from "./api/types";
import { annualMoments, commonTail, portfolioReturns, type Moments } from "./display/statistics";
import { draftOf, emptyDraft, requestOf, type Draft } from "./portfolio/draft";
import { UndoStack } from "./portfolio/undo";

export type Loadable<T> =
  | { state: "loading" }
  | { state: "ready"; value: T }
  | { state: "failed"; failure: Failure }
  | { state: "absent"; reason: string };

export interface Outcome {
  request: PlanRequest;
  plan: Plan;
  /** Whether the plan was read from the store, and not made for this page just now. */
  reopened: boolean;
  /** Whether the service keeps report and record of the plan under the plan's id. */
  hasReport: boolean;
  insights: Loadable<Insights>;
  /** What each agent did. */
  run: Loadable<RunRecord>;
  /** The plan's own simulation again, with more of its figures. */
  simulation: Loadable<Simulation>;
  /** The same law day by day, for the quantiles along the way. */
  paths: Loadable<Simulation>;
  /** Risk asset by asset, of the current weights and of those after the plan. */
  contributions: Loadable<Contributions>;
  /** Absent where the service does not offer it, or the history is too short for the number of assets. */
  frontier: Loadable<Frontier>;
  /** What the frontier is drawn from. */
  moments: Moments | undefined;
  /** Daily returns of the current weights on the common history. */
  returns: readonly number[];
}

export interface Contributions {
  now: RiskContributions;
  after: RiskContributions;
}

export interface Pinned {
  label: string;
  request: PlanRequest;
  plan: Plan;
}

interface Events {
  /** The draft changed; `rebuilt` when rows came, went or moved. */
  draft: { rebuilt: boolean };
  outcome: undefined;
  busy: undefined;
  failure: undefined;
  pinned: undefined;
}

/** A frontier of more assets takes the service longer than a moving slider allows. */
const FRONTIER_ASSETS = 100;
/** A plan waits this long for what belongs to it before it appears without. */
const PATIENCE_MS = 600;

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

export class Session {
  draft: Draft = emptyDraft();
  outcome: Outcome | undefined;
  pinned: Pinned | undefined;
  failure: Failure | undefined;
  busy = false;
  /** The draft that the shown plan answers. */
  plannedDraft: Draft | undefined;
  readonly undoStack = new UndoStack<Draft>();
  readonly #listeners: { [K in keyof Events]: ((event: Events[K]) => void)[] } = {
    draft: [],
    outcome: [],
    busy: [],
    failure: [],
    pinned: [],
  };
  #running: AbortController | undefined;
  #offers: Promise<Offers> | undefined;
  /** The last answers of the routes that sliders leave unchanged, by route; requests are compared as text. */
  readonly #answers = new Map<string, { key: string; answer: unknown }>();

  on<K extends keyof Events>(event: K, listener: (event: Events[K]) => void): void {
    this.#listeners[event].push(listener);
  }

  #emit<K extends keyof Events>(event: K, value: Events[K]): void {
    for (const listener of this.#listeners[event]) listener(value);
  }

  /** Changes the draft; `keep: false` leaves the undo stack alone (a slider under way). */
  edit(change: Partial<Draft>, options: { rebuilt?: boolean; keep?: boolean } = {}): void {
    if (options.keep !== false) this.undoStack.push(this.draft);
    this.draft = { ...this.draft, ...change };
    this.#emit("draft", { rebuilt: options.rebuilt ?? false });
  }

  replace(draft: Draft): void {
    this.edit(draft, { rebuilt: true });
  }

  load(request: Partial<PlanRequest>): void {
    this.replace(draftOf(request));
  }

  undo(): void {
    this.#restore(this.undoStack.undo(this.draft));
  }

  redo(): void {
    this.#restore(this.undoStack.redo(this.draft));
  }

  #restore(draft: Draft | undefined): void {
    if (!draft) return;
    this.draft = draft;
    this.#emit("draft", { rebuilt: true });
  }

  /** Plans the draft. A newer call overtakes an older one. Returns whether a plan came back. */
  plan(): Promise<boolean> {
    const draft = this.draft;
    const request = requestOf(draft);
    return this.#overtake(async (signal) =>
      this.#show({ draft, request, plan: await api.plan(request, signal), reopened: false }, signal),
    );
  }

  /** Shows a stored plan as it was answered, and puts its request into the editor. Returns whether it was there. */
  open(planId: string): Promise<boolean> {
    return this.#overtake(async (signal) => {
      const { request, response } = await api.storedPlan(planId, signal).catch((error: unknown) => {
        throw wasAborted(error) ? error : unopened(failureOf(error));
      });
      this.load(request);
      return this.#show({ draft: this.draft, request, plan: response, reopened: true }, signal);
    });
  }

  async #overtake(work: (signal: AbortSignal) => Promise<boolean>): Promise<boolean> {
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    this.busy = true;
    this.#emit("busy", undefined);
    try {
      return await work(controller.signal);
    } catch (error) {
      if (wasAborted(error)) return false;
      this.failure = failureOf(error);
      this.#emit("failure", undefined);
      return false;
    } finally {
      if (this.#running === controller) {
        this.busy = false;
        this.#emit("busy", undefined);
      }
    }
  }

  /** Shows a plan, and what belongs to it as it arrives. */
  async #show(
    { draft, request, plan, reopened }: { draft: Draft; request: PlanRequest; plan: Plan; reopened: boolean },
    signal: AbortSignal,
  ): Promise<boolean> {
    const histories = commonTail(request.assets.map((asset) => asset.historical_returns ?? []));
    const returns = portfolioReturns(
      histories,
      plan.weights.map((w) => w.current_weight),
    );
    const simulation = simulationOf(request, plan, returns);
    const measurable = returns.length >= 2;
    const moments =
      histories.length >= 2 && histories.length <= FRONTIER_ASSETS && returns.length > histories.length
        ? annualMoments(histories)
        : undefined;
    const part = (possible: boolean, reason: string): Loadable<never> =>
      possible ? { state: "loading" } : { state: "absent", reason };
    const simulated = typeof simulation === "string" ? part(false, simulation) : part(true, "");
    const outcome: Outcome = {
      request,
      plan,
      reopened,
      hasReport: false,
      insights: { state: "loading" },
      run: { state: "loading" },
      simulation: simulated,
      paths: simulated,
      contributions: part(measurable, TOO_SHORT),
      frontier: part(moments !== undefined, TOO_SHORT),
      moments,
      returns,
    };
    let shown = false;
    const attach = async <K extends "insights" | "run" | "simulation" | "paths" | "contributions" | "frontier">(
      part: K,
      answer: Promise<unknown>,
    ): Promise<void> => {
      let loaded: Loadable<unknown>;
      try {
        loaded = { state: "ready", value: await answer };
      } catch (error) {
        if (wasAborted(error)) return;
        loaded = { state: "failed", failure: failureOf(error) };
      }
      outcome[part] = (
        loaded.state === "ready" && loaded.value === undefined
          ? { state: "absent", reason: "The service does not offer it." }
          : loaded
      ) as Outcome[K];
      if (shown && this.outcome === outcome) this.#emit("outcome", undefined);
    };
    const parts = Promise.all([
      attach("insights", api.insights(request, signal)),
      attach("run", this.#run(outcome, signal)),
      ...(typeof simulation === "string"
        ? []
        : [
            attach(
              "simulation",
              this.#once("simulation", simulation, (r) => api.simulate(r, signal)),
            ),
            attach(
              "paths",
              this.#once("paths", { ...simulation, path_statistics: true, fan: true }, (r) => api.simulate(r, signal)),
            ),
          ]),
      moments ? attach("frontier", this.#frontier(moments, signal)) : undefined,
      measurable ? attach("contributions", this.#contributions(plan, histories, signal)) : undefined,
    ]);
    // A plan appears whole when its parts are quick, so that nothing jumps and a moving slider does not make the page flicker.
    await Promise.race([parts, pause(PATIENCE_MS)]);
    if (signal.aborted) return false;
    shown = true;
    this.outcome = outcome;
    this.plannedDraft = draft;
    this.failure = undefined;
    this.#emit("failure", undefined);
    this.#emit("outcome", undefined);
    await parts;
    return true;
  }

  /** The record of the run that made the plan; where the service does not keep it, of another run of the same request. */
  async #run(outcome: Outcome, signal: AbortSignal): Promise<RunRecord> {
    const id = outcome.plan.metadata.plan_id;
    outcome.hasReport = id !== undefined && id !== null && (await this.#offered()).planReport;
    if (outcome.hasReport && id) {
      try {
        return await api.runOf(id, signal);
      } catch (error) {
        if (wasAborted(error) || failureOf(error).kind !== "refused") throw error;
      }
    }
    return api.run(outcome.request, signal);
  }

  /** Asked once; asked again after a failure. */
  #offered(): Promise<Offers> {
    this.#offers ??= api.offers().catch(() => ((this.#offers = undefined), { frontier: false, planReport: false }));
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
  async #frontier({ mu, sigma }: Moments, signal: AbortSignal): Promise<Frontier | undefined> {
    if (!(await this.#offered()).frontier) return undefined;
    return this.#once("frontier", { method: "frontier" as const, mu, sigma, points: 25 }, (r) => api.frontier(r, signal));
  }

  report(failure: Failure | undefined): void {
    this.failure = failure;
    this.#emit("failure", undefined);
  }

  pin(): void {
    if (this.outcome) this.#pin(this.outcome.request, this.outcome.plan);
  }

  /** Puts a stored plan beside the current one. */
  async pinStored(planId: string): Promise<void> {
    const { request, response } = await api.storedPlan(planId);
    this.#pin(request, response);
  }

  #pin(request: PlanRequest, plan: Plan): void {
    this.pinned = { label: request.name ?? "Own portfolio", request, plan };
    this.#emit("pinned", undefined);
  }

  unpin(): void {
    this.pinned = undefined;
    this.#emit("pinned", undefined);
  }
}

/** A stored plan that is not there is no fault of the portfolio in the editor. */
function unopened(failure: Failure): ApiError {
  return new ApiError(
    failure.kind === "refused"
      ? { kind: "failed", title: "The plan cannot be opened", detail: `${failure.detail}.`.replace(/\.\.$/, "."), requestId: "" }
      : failure,
  );
}

const TOO_SHORT = "The histories have fewer than two common observations.";

/**
 * The plan's own simulation as a request, or why there is none. At fixed weights the portfolio's return law is enough, so the
 * service simulates one series; with the plan's seed its figures are the plan's figures.
 */
function simulationOf(request: PlanRequest, plan: Plan, returns: readonly number[]): SimulationRequest | string {
  const settings = request.monte_carlo ?? {};
  if (settings.paths === 0) return "The simulation is switched off: paths is 0.";
  if (returns.length < 2) return TOO_SHORT;
  if (plan.monte_carlo.expected_terminal_value === null || plan.monte_carlo.expected_terminal_value === undefined) {
    const reason = plan.warnings.find((w) => w.code === "figure_unavailable" && w.pointer.startsWith("/monte_carlo"))?.detail;
    return `The service did not simulate this portfolio${reason ? `: ${reason}` : ""}.`;
  }
  return {
    model: "gbm",
    rebalancing: "fixed_weights",
    weights: [1],
    returns: { portfolio: [...returns] },
    horizon_days: settings.horizon_days ?? 30,
    paths: settings.paths ?? 10_000,
    seed: settings.seed ?? 42,
  };
}
