/** Calls to the service. Every failure becomes one of three kinds, so that a view can say what happened and what helps. */

import { hasAnotherKey, heldKey, withKey } from "../access/key";
import type {
  AuditHead,
  AuditPage,
  AuditVerification,
  BacktestRequest,
  BacktestResponse,
  ControlCheck,
  Fault,
  Frontier,
  FrontierRequest,
  HaltEntry,
  ImportReading,
  ImportRequest,
  Insights,
  Plan,
  PlanList,
  PlanState,
  PlanRequest,
  Problem,
  Replay,
  Report,
  ReportRequest,
  RunRecord,
  ScenarioRequest,
  Scenarios,
  Simulation,
  SimulationRequest,
  StoredPlan,
  StressScenarios,
  Verification,
} from "./types";

const SCENARIOS = "/api/stress/scenarios";
const FRONTIER = "/api/optimizer/allocate";
/** A service with this route also keeps the record of every stored plan under the plan's id. */
const PLAN_REPORT = "/api/plans/{plan_id}/report";
const TIMEOUT_MS = 60_000;
/** How long to wait before asking again when the service does not say. */
export const RETRY_MS = 5_000;

export type Failure =
  /** The service refused the request and says where it is at fault. */
  | { kind: "refused"; title: string; detail: string; faults: Fault[]; type?: string | undefined; checks?: ControlCheck[] }
  /** The service is busy or broke; `retryMs` is how long to wait before asking again, where waiting is what helps. */
  | {
      kind: "failed";
      title: string;
      detail: string;
      requestId: string;
      retryMs: number | undefined;
      /** The halt in the way, where that is why. */
      halt?: HaltEntry | undefined;
    }
  /** No answer at all. */
  | { kind: "offline"; title: string; detail: string; retryMs: number };

export class ApiError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.detail);
  }
}

/** What went wrong; faults of this program itself are not hidden. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return error.failure;
  throw error;
}

export const api = {
  scenarios: (): Promise<Scenarios> => call("/api/preview-scenarios"),
  ready: (): Promise<unknown> => call("/api/ready"),
  /** A draft: planned, and stored nowhere. */
  draft: (request: PlanRequest, signal: AbortSignal): Promise<Plan> =>
    call("/api/rebalance", { ...request, store: false }, signal),
  /** A plan that is stored. Sent again with the same key, it is not stored twice. */
  commit: (request: PlanRequest, key: string): Promise<Plan> =>
    call("/api/rebalance", request, undefined, { "Idempotency-Key": key }),
  /** What a file holds, as the service reads it. */
  importPreview: (request: ImportRequest): Promise<ImportReading> => call("/api/import/preview", request),
  /** The orders of a stored plan as a file. */
  orderFile: (planId: string, format: OrderFormat): Promise<string> =>
    callText(`${planPath(planId)}/orders?format=${format}`, undefined, "text/csv, text/plain"),
  insights: (request: PlanRequest, signal: AbortSignal): Promise<Insights> => call("/api/ai-copilot/insights", request, signal),
  runOf: (planId: string, signal: AbortSignal): Promise<RunRecord> =>
    call(`/api/multi-agent/runs/${encodeURIComponent(planId)}`, undefined, signal),
  simulate: (request: SimulationRequest, signal: AbortSignal): Promise<Simulation> =>
    call("/api/stress/monte-carlo", request, signal),
  report: (request: ReportRequest, signal: AbortSignal): Promise<Report> => call("/api/risk/report", request, signal),
  stress: (request: ScenarioRequest, signal: AbortSignal): Promise<StressScenarios> => call(SCENARIOS, request, signal),
  frontier: (request: FrontierRequest, signal: AbortSignal): Promise<Frontier> => call(FRONTIER, request, signal),
  /** Policies replayed on a history, answered at once. */
  backtest: (request: BacktestRequest, signal: AbortSignal): Promise<BacktestResponse> => call("/api/backtests", request, signal),
  /** The printable report of a backtest. Only a kept backtest has one: it is queued, and its events end when it has ended. */
  backtestReport: async (request: BacktestRequest): Promise<string> => {
    const queued = await call<{ backtest_id: string }>("/api/backtests", request, undefined, { Prefer: "respond-async" });
    const path = `/api/backtests/${encodeURIComponent(queued.backtest_id)}`;
    await callText(`${path}/events`, undefined, "text/event-stream");
    return callText(`${path}/report`, undefined, "text/html");
  },
  storedPlan: (planId: string, signal?: AbortSignal): Promise<StoredPlan> =>
    call(`${planPath(planId)}?include=all`, undefined, signal),
  /** Plans that have every word of `query`; all where it is empty. */
  storedPlans: (cursor: string | undefined, query: string): Promise<PlanList> => {
    const members = new URLSearchParams({ limit: "25" });
    if (query !== "") members.set("query", query);
    if (cursor) members.set("cursor", cursor);
    return call(`/api/plans?${members.toString()}`);
  },
  /** Plans that stand somewhere. */
  plansIn: (state: PlanState, cursor: string | undefined): Promise<PlanList> => {
    const members = new URLSearchParams({ limit: "25", state });
    if (cursor) members.set("cursor", cursor);
    return call(`/api/plans?${members.toString()}`);
  },
  verifyPlan: (planId: string): Promise<Verification> => call(`${planPath(planId)}/verify`),
  replayPlan: (planId: string): Promise<Replay> => call(`${planPath(planId)}/replay`, {}),
  auditPage: (cursor: string | undefined): Promise<AuditPage> => call(`/api/audit?limit=25${cursor ? `&cursor=${cursor}` : ""}`),
  verifyAudit: (): Promise<AuditVerification> => call("/api/audit/verify"),
  auditHead: (): Promise<AuditHead> => call("/api/audit/head"),
  /** The whole trail as JSON lines. */
  auditExport: (): Promise<string> => callText("/api/audit/export", undefined, "application/jsonl"),
  /** The committee's report of a request, a page of its own. */
  committeeReport: (request: PlanRequest): Promise<string> => callText("/api/ai-copilot/report", request, "text/html"),
  /** What this service offers beyond the routes every build has, by its own document. */
  offers: async (): Promise<Offers> => {
    const { paths } = await call<{ paths: object }>("/openapi.json");
    return { stress: SCENARIOS in paths, frontier: FRONTIER in paths, planReport: PLAN_REPORT in paths };
  },
};

/** How the orders of a stored plan are written: for a spreadsheet, for a broker's basket trader, as FIX messages. */
export type OrderFormat = "csv" | "basket" | "fix";

export interface Offers {
  stress: boolean;
  frontier: boolean;
  /** Report and record of a stored plan can be read by the plan's id. */
  planReport: boolean;
}

/** The path of a stored plan. */
export function planPath(planId: string): string {
  return `/api/plans/${encodeURIComponent(planId)}`;
}

/** An answer in JSON; with a body it is sent, by POST unless another method is named. */
export async function call<Answer>(
  path: string,
  body?: unknown,
  signal?: AbortSignal,
  headers?: Readonly<Record<string, string>>,
  method?: "PUT",
): Promise<Answer> {
  const { response, text } = await exchange(path, body, "application/json", signal, headers, method);
  return answerOf<Answer>(response, text);
}

/** An answer in JSON with its ETag; a body is put unless another method is named. */
export async function callTagged<Answer>(
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
  method?: "DELETE",
): Promise<{ answer: Answer; tag: string; head: Headers }> {
  const { response, text } = await exchange(
    path,
    body,
    "application/json",
    undefined,
    headers,
    method ?? (body === undefined ? undefined : "PUT"),
  );
  return { answer: answerOf<Answer>(response, text), tag: response.headers.get("etag") ?? "", head: response.headers };
}

function answerOf<Answer>(response: Response, text: string): Answer {
  const answer = parsed(text);
  if (response.ok && answer !== undefined) return answer as Answer;
  throw new ApiError(describe(response, answer as Partial<Problem> | undefined));
}

/** A request that is answered with nothing but that it was done. */
export async function remove(path: string, headers: Readonly<Record<string, string>>): Promise<void> {
  const { response, text } = await exchange(path, undefined, "application/json", undefined, headers, "DELETE");
  if (!response.ok) throw new ApiError(describe(response, parsed(text) as Partial<Problem> | undefined));
}

/** A text that is no JSON of ours, answered in JSON. */
export async function sendText<Answer>(path: string, text: string, mediaType: string): Promise<Answer> {
  const sent = await exchange(path, text, "application/json", undefined, { "Content-Type": mediaType });
  return answerOf<Answer>(sent.response, sent.text);
}

export async function callText(path: string, body: unknown, accept: string): Promise<string> {
  const { response, text } = await exchange(path, body, accept);
  if (response.ok) return text;
  throw new ApiError(describe(response, parsed(text) as Partial<Problem> | undefined));
}

/** A JSON text; nothing where it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function exchange(
  path: string,
  body: unknown,
  accept: string,
  signal?: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
  method?: "PUT" | "DELETE",
): Promise<{ response: Response; text: string }> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signals = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const key = heldKey();
  const own = withKey({ ...headers, Accept: accept }, key);
  const sent: RequestInit =
    body === undefined
      ? { method: method ?? "GET", headers: own }
      : {
          method: method ?? "POST",
          headers: { "Content-Type": "application/json", ...own },
          body: typeof body === "string" ? body : JSON.stringify(body),
        };
  let answer: { response: Response; text: string };
  try {
    const response = await fetch(path, { signal: signals, ...sent });
    answer = { response, text: await response.text() };
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError({
      kind: "offline",
      title: "The service does not answer",
      detail: timeout.aborted ? "No answer within a minute." : "The connection failed.",
      retryMs: RETRY_MS,
    });
  }
  const signedIn = answer.response.status === 401 && (await hasAnotherKey(key));
  return signedIn ? exchange(path, body, accept, signal, headers, method) : answer;
}

function describe(response: Response, problem: Partial<Problem> | undefined): Failure {
  const title = problem?.title ?? `The service answered ${response.status}`;
  const detail = problem?.detail ?? "The answer could not be read.";
  if (response.status >= 400 && response.status < 500 && response.status !== 408 && response.status !== 429) {
    return { kind: "refused", title, detail, faults: problem?.errors ?? [], type: problem?.type, checks: problem?.checks ?? [] };
  }
  const requestId = problem?.metadata?.request_id ?? response.headers.get("x-request-id") ?? "unknown";
  // A halt lasts until a person lifts it: asking again does not help.
  const isBusy = response.status === 503 && problem?.halt === undefined;
  const retryMs = isBusy ? (retryAfter(response.headers.get("retry-after"), Date.now()) ?? RETRY_MS) : undefined;
  return { kind: "failed", title, detail, requestId, retryMs, halt: problem?.halt };
}

/** Milliseconds from `now` that a Retry-After header asks for, in seconds or as a date; nothing when it cannot be read. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return 1000 * Number(header);
  const until = Date.parse(header);
  return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}

/** Whether the service refused a request with a problem of this type. */
export function wasRefusedAs(error: unknown, type: string): boolean {
  return error instanceof ApiError && error.failure.kind === "refused" && error.failure.type === type;
}

export function wasAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
