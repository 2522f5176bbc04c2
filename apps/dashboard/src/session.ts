/** What the page knows: the draft, the last plan with what belongs to it, and the plan pinned for comparison. */

import { api, ApiError, failureOf, wasAborted, type Failure } from "./api/client";
import type { Plan, PlanRequest } from "./api/types";
import { Companions } from "./companions";
import type { Outcome } from "./outcome";
import { doubtOf, type Doubt } from "./portfolio/doubts";
import { emptyDraft, type Draft } from "./portfolio/draft";
import { UndoStack } from "./portfolio/undo";
import { draftOf, requestOf } from "./portfolio/wire";

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
  doubt: undefined;
}

/** Where the draft came from: typed or read here, an example, or a stored plan. */
export type Origin = "own" | "example" | "stored";

/** What the service is asked for: a plan of the draft, or a stored plan. */
export type Call = { kind: "plan" } | { kind: "open"; planId: string };

/** A plan waits this long for what belongs to it before it appears without. */
const PATIENCE_MS = 600;

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

export class Session {
  draft: Draft = emptyDraft();
  outcome: Outcome | undefined;
  pinned: Pinned | undefined;
  failure: Failure | undefined;
  /** The call that failed through no fault of the portfolio; nothing once a newer call is made. */
  unanswered: Call | undefined;
  busy = false;
  readonly #origins = new WeakMap<Draft, Origin>();
  /** What is asked before the draft can be planned. */
  doubt: Doubt | undefined;
  /** The draft as it was loaded or committed: one that differs holds work that is nowhere else. */
  #safe: Draft = this.draft;
  #loaded: Draft = this.draft;
  /** The draft that the shown plan answers. */
  plannedDraft: Draft | undefined;
  /** What was shown before a stored plan was opened. */
  #before: { outcome: Outcome; draft: Draft; plannedDraft: Draft | undefined } | undefined;
  readonly undoStack = new UndoStack<Draft>();
  readonly #listeners: { [K in keyof Events]: ((event: Events[K]) => void)[] } = {
    draft: [],
    outcome: [],
    busy: [],
    failure: [],
    pinned: [],
    doubt: [],
  };
  #running: AbortController | undefined;
  readonly #companions = new Companions();

  on<K extends keyof Events>(event: K, listener: (event: Events[K]) => void): void {
    this.#listeners[event].push(listener);
  }

  #emit<K extends keyof Events>(event: K, value: Events[K]): void {
    for (const listener of this.#listeners[event]) listener(value);
  }

  /** Changes the draft; `keep: false` leaves the undo stack alone (a slider under way), `whatIf` its origin. */
  edit(change: Partial<Draft>, options: { rebuilt?: boolean; keep?: boolean; whatIf?: boolean } = {}): void {
    if (options.keep !== false) this.undoStack.push(this.draft);
    const origin = options.whatIf ? this.origin : "own";
    this.ask(undefined);
    this.draft = { ...this.draft, ...change };
    this.#origins.set(this.draft, origin);
    this.#emit("draft", { rebuilt: options.rebuilt ?? false });
  }

  /** Puts another book in the place of this one. What is still in a file, an example or a stored plan is not lost with the draft. */
  replace(draft: Draft, origin: Origin = "own", isSafe = true): void {
    this.undoStack.push(this.draft);
    this.draft = draft;
    this.#origins.set(draft, origin);
    if (isSafe) this.#safe = draft;
    this.#loaded = draft;
    this.ask(undefined);
    this.#emit("draft", { rebuilt: true });
  }

  /** Brings back a book that this browser kept: nothing else may hold it. */
  restore(draft: Draft): void {
    this.replace(draft, "own", false);
  }

  load(request: Partial<PlanRequest>, origin: Origin): void {
    this.replace(draftOf(request), origin);
  }

  get origin(): Origin {
    return this.#origins.get(this.draft) ?? "own";
  }

  /** Whether the draft holds work that would be lost with it. */
  get hasWork(): boolean {
    return this.draft !== this.#safe && this.draft.assets.length > 0;
  }

  /** Whether the draft is still what was loaded. */
  get isAsLoaded(): boolean {
    return this.draft === this.#loaded;
  }

  /** The draft is saved in another place: leaving it loses nothing. */
  markSafe(draft: Draft): void {
    if (this.draft === draft) this.#safe = draft;
  }

  /** Puts a question to the reader, or takes it back. */
  ask(doubt: Doubt | undefined): void {
    if (this.doubt === doubt) return;
    this.doubt = doubt;
    this.#emit("doubt", undefined);
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
    this.ask(doubtOf(draft));
    if (this.doubt) return Promise.resolve(false);
    const request = requestOf(draft);
    return this.#overtake({ kind: "plan" }, async (signal) =>
      this.#show({ draft, request, plan: await api.draft(request, signal), reopened: false }, signal),
    );
  }

  /** Stores the shown draft as a plan of this title, and shows it with its id. */
  async commit(title: string, key: string): Promise<void> {
    const { outcome, plannedDraft } = this;
    if (!outcome || !plannedDraft) return;
    const { title: _, ...untitled } = outcome.request;
    const request = title === "" ? untitled : { ...untitled, title };
    const plan = await api.commit(request, key);
    // Another draft may have been planned in the meantime: it stays.
    if (this.outcome !== outcome || this.busy) return;
    await this.#overtake({ kind: "plan" }, (signal) =>
      this.#show({ draft: plannedDraft, request, plan, reopened: false }, signal),
    );
  }

  /** Shows a stored plan as it was answered, and puts its request into the editor. Returns whether it was there. */
  open(planId: string): Promise<boolean> {
    return this.#overtake({ kind: "open", planId }, async (signal) => {
      const { request, response } = await api.storedPlan(planId, signal).catch((error: unknown) => {
        throw wasAborted(error) ? error : unopened(failureOf(error));
      });
      if (this.outcome && !this.outcome.reopened)
        this.#before = { outcome: this.outcome, draft: this.draft, plannedDraft: this.plannedDraft };
      this.load(request, "stored");
      return this.#show({ draft: this.draft, request, plan: response, reopened: true }, signal);
    });
  }

  /** Shows again what was shown before a stored plan was opened; nothing is planned for it. Returns whether there was anything. */
  back(): boolean {
    const before = this.#before;
    if (!before) return false;
    this.#running?.abort();
    this.#before = undefined;
    this.replace(before.draft, this.#origins.get(before.draft) ?? "own");
    this.outcome = before.outcome;
    this.plannedDraft = before.plannedDraft;
    this.failure = undefined;
    this.#emit("failure", undefined);
    this.#emit("outcome", undefined);
    return true;
  }

  async #overtake(call: Call, work: (signal: AbortSignal) => Promise<boolean>): Promise<boolean> {
    this.#running?.abort();
    this.unanswered = undefined;
    const controller = new AbortController();
    this.#running = controller;
    this.busy = true;
    this.#emit("busy", undefined);
    try {
      return await work(controller.signal);
    } catch (error) {
      if (wasAborted(error)) return false;
      this.failure = failureOf(error);
      if (this.failure.kind !== "refused") this.unanswered = call;
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
    const { outcome, load } = this.#companions.begin({ request, plan, reopened });
    let shown = false;
    const parts = load(signal, () => shown && this.outcome === outcome && this.#emit("outcome", undefined));
    // A plan appears whole when its parts are quick, so that nothing jumps and a moving slider does not make the page flicker.
    await Promise.race([parts, pause(PATIENCE_MS)]);
    if (signal.aborted) return false;
    shown = true;
    this.outcome = outcome;
    this.plannedDraft = draft;
    // A draft of the reader's own book is in no store yet; an example or a stored plan that a slider changed is made again with it.
    if (this.draft === draft && (plan.metadata.plan_id || this.origin !== "own")) this.#safe = draft;
    this.failure = undefined;
    this.#emit("failure", undefined);
    this.#emit("outcome", undefined);
    await parts;
    return true;
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
      ? {
          kind: "failed",
          title: "The plan cannot be opened",
          detail: `${failure.detail}.`.replace(/\.\.$/, "."),
          requestId: "",
          retryMs: undefined,
        }
      : failure,
  );
}
