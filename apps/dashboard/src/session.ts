/** What the page knows: the draft, the last plan with what belongs to it, and the plan pinned for comparison. */

import { api, failureOf, wasAborted, type Failure } from "./api/client";
import type { Insights, Plan, PlanRequest, Simulation, SimulationRequest, Timeline } from "./api/types";
import { commonTail, portfolioReturns } from "./display/statistics";
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
  insights: Loadable<Insights>;
  timeline: Loadable<Timeline>;
  simulation: Loadable<Simulation>;
  /** How the simulation was asked for, in words. */
  simulationBasis: string;
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

/** The simulation route takes at most this many assets. */
const SIMULATED_ASSETS = 500;
/** A new plan waits this long for its brief before it appears without. */
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
  readonly #listeners: { [K in keyof Events]: ((event: Events[K]) => void)[] } = { draft: [], outcome: [], busy: [], failure: [], pinned: [] };
  #running: AbortController | undefined;
  #lastSimulation: { assets: Draft["assets"]; key: string; answer: Simulation } | undefined;

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
  async plan(): Promise<boolean> {
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    const draft = this.draft;
    const request = requestOf(draft);
    this.busy = true;
    this.#emit("busy", undefined);
    try {
      const plan = await api.plan(request, controller.signal);
      const simulation = simulationOf(request, plan);
      const outcome: Outcome = {
        request,
        plan,
        insights: { state: "loading" },
        timeline: { state: "loading" },
        simulation: typeof simulation === "string" ? { state: "absent", reason: simulation } : { state: "loading" },
        simulationBasis: typeof simulation === "string" ? "" : simulation.basis,
      };
      let shown = false;
      const attach = async <K extends "insights" | "timeline" | "simulation">(part: K, answer: Promise<unknown>): Promise<void> => {
        let loaded: Loadable<unknown>;
        try {
          loaded = { state: "ready", value: await answer };
        } catch (error) {
          if (wasAborted(error)) return;
          loaded = { state: "failed", failure: failureOf(error) };
        }
        outcome[part] = loaded as Outcome[K];
        if (shown && this.outcome === outcome) this.#emit("outcome", undefined);
      };
      const parts = Promise.all([
        attach("insights", api.insights(request, controller.signal)),
        attach("timeline", api.timeline(request, controller.signal)),
        typeof simulation === "string" ? undefined : attach("simulation", this.#simulate(draft, simulation.request, controller.signal)),
      ]);
      // A replan appears whole when its parts are quick, so that a moving slider does not make the page flicker.
      if (this.outcome) await Promise.race([parts, pause(PATIENCE_MS)]);
      if (controller.signal.aborted) return false;
      shown = true;
      this.outcome = outcome;
      this.plannedDraft = draft;
      this.failure = undefined;
      this.#emit("failure", undefined);
      this.#emit("outcome", undefined);
      await parts;
      return true;
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

  /** Thresholds and limits do not change what is simulated, so a slider reuses the last answer. */
  async #simulate(draft: Draft, request: SimulationRequest, signal: AbortSignal): Promise<Simulation> {
    const key = JSON.stringify([request.weights, request.paths, request.horizon_days, request.seed]);
    const last = this.#lastSimulation;
    if (last && last.assets === draft.assets && last.key === key) return last.answer;
    const answer = await api.simulate(request, signal);
    this.#lastSimulation = { assets: draft.assets, key, answer };
    return answer;
  }

  report(failure: Failure | undefined): void {
    this.failure = failure;
    this.#emit("failure", undefined);
  }

  pin(): void {
    if (!this.outcome) return;
    const { request, plan } = this.outcome;
    this.pinned = { label: request.name ?? "Own portfolio", request, plan };
    this.#emit("pinned", undefined);
  }

  unpin(): void {
    this.pinned = undefined;
    this.#emit("pinned", undefined);
  }
}

/** The simulation that belongs to a plan, or why there is none. */
function simulationOf(request: PlanRequest, plan: Plan): { request: SimulationRequest; basis: string } | string {
  const settings = request.monte_carlo ?? {};
  if (settings.paths === 0) return "The simulation is switched off: paths is 0.";
  const histories = commonTail(request.assets.map((asset) => asset.historical_returns ?? []));
  if ((histories[0]?.length ?? 0) < 2) return "The histories have fewer than two common observations, so there is nothing to simulate from.";
  const weights = plan.weights.map((w) => w.current_weight);
  const common = {
    model: "gbm" as const,
    rebalancing: "fixed_weights" as const,
    horizon_days: settings.horizon_days ?? 30,
    paths: settings.paths ?? 10_000,
    seed: settings.seed ?? 42,
    path_statistics: true,
    fan: true,
  };
  if (weights.length > SIMULATED_ASSETS) {
    return {
      request: { ...common, weights: [1], returns: { portfolio: portfolioReturns(histories, weights) } },
      basis: `More than ${SIMULATED_ASSETS} assets: simulated from the one series of the portfolio's own returns.`,
    };
  }
  // Names stay out of this request: only the order matters, and an object does not keep the order of names like "7".
  return {
    request: { ...common, weights, returns: Object.fromEntries(histories.map((history, i) => [`series ${i}`, history])) },
    basis: "Current weights, restored every day.",
  };
}
