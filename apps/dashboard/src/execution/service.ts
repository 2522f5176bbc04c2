/** Plans whose orders left: what became of them, and what that cost over time. */

import { call, callText, planPath, sendText } from "../api/client";
import type { ExecutionHistory, FillReceipt, PlanExecution, PlanState } from "../api/types";

/** Where a plan can stand whose orders left. */
export const LEFT: readonly PlanState[] = ["executing", "done", "cancelled"];

/** Which plans a history is about; what is empty does not narrow it. */
export interface HistoryQuery {
  since: string;
  until: string;
  reference: string;
}

export const executions = {
  of: (planId: string): Promise<PlanExecution> => call(`${planPath(planId)}/execution`),
  table: (planId: string): Promise<string> => callText(`${planPath(planId)}/execution?format=csv`, undefined, "text/csv"),
  /** A report in JSON, or a table of events. */
  report: (planId: string, text: string): Promise<FillReceipt> => sendText(`${planPath(planId)}/fills`, text, mediaTypeOf(text)),
  history: (query: HistoryQuery): Promise<ExecutionHistory> => call(historyPath(query)),
  historyTable: (query: HistoryQuery): Promise<string> => callText(historyPath(query, "csv"), undefined, "text/csv"),
};

/** JSON begins with a brace; anything else is a table. */
export function mediaTypeOf(text: string): "application/json" | "text/csv" {
  return text.trimStart().startsWith("{") ? "application/json" : "text/csv";
}

export function historyPath(query: HistoryQuery, format?: "csv"): string {
  const members = new URLSearchParams();
  const { since, until, reference } = query;
  for (const [name, value] of [
    ["since", since],
    ["until", until],
    ["client_reference", reference],
    ["format", format ?? ""],
  ] as const) {
    if (value.trim() !== "") members.set(name, value.trim());
  }
  const asked = members.toString();
  return asked === "" ? "/api/execution" : `/api/execution?${asked}`;
}
