/** Calls to the service. Every failure becomes one of three kinds, so that a view can say what happened and what helps. */

import type { Fault, Frontier, FrontierRequest, Insights, Plan, PlanRequest, Problem, Report, ReportRequest, Scenarios, Simulation, SimulationRequest, Timeline } from "./types";

const FRONTIER = "/api/optimizer/allocate";
const TIMEOUT_MS = 60_000;

export type Failure =
  /** The service refused the request and says where it is at fault. */
  | { kind: "refused"; title: string; detail: string; faults: Fault[] }
  /** The service is busy or broke; trying again may help. */
  | { kind: "failed"; title: string; detail: string; requestId: string }
  /** No answer at all. */
  | { kind: "offline"; title: string; detail: string };

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
  plan: (request: PlanRequest, signal: AbortSignal): Promise<Plan> => call("/api/rebalance", request, signal),
  insights: (request: PlanRequest, signal: AbortSignal): Promise<Insights> => call("/api/ai-copilot/insights", request, signal),
  timeline: (request: PlanRequest, signal: AbortSignal): Promise<Timeline> => call("/api/multi-agent/tandem-demo", request, signal),
  simulate: (request: SimulationRequest, signal: AbortSignal): Promise<Simulation> => call("/api/stress/monte-carlo", request, signal),
  report: (request: ReportRequest, signal: AbortSignal): Promise<Report> => call("/api/risk/report", request, signal),
  frontier: (request: FrontierRequest, signal: AbortSignal): Promise<Frontier> => call(FRONTIER, request, signal),
  /** Whether this service has the frontier's route, by its own document. */
  offersFrontier: async (): Promise<boolean> => FRONTIER in (await call<{ paths: object }>("/openapi.json")).paths,
};

async function call<Answer>(path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signals = signal ? AbortSignal.any([signal, timeout]) : timeout;
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      signal: signals,
      ...(body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError({
      kind: "offline",
      title: "The service does not answer",
      detail: timeout.aborted ? "No answer within a minute." : "The connection failed.",
    });
  }
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = undefined;
  }
  if (response.ok && answer !== undefined) return answer as Answer;
  throw new ApiError(describe(response, answer as Partial<Problem> | undefined));
}

function describe(response: Response, problem: Partial<Problem> | undefined): Failure {
  const title = problem?.title ?? `The service answered ${response.status}`;
  const detail = problem?.detail ?? "The answer was not readable.";
  if (response.status >= 400 && response.status < 500 && response.status !== 408 && response.status !== 429) {
    return { kind: "refused", title, detail, faults: problem?.errors ?? [] };
  }
  const requestId = problem?.metadata?.request_id ?? response.headers.get("x-request-id") ?? "unknown";
  return { kind: "failed", title, detail, requestId };
}

export function wasAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
