/** Every measure beyond a limit of the verdict, the gravest first, each with the book that it is of: now or after the plan. */

import type { Insights, Plan, Severity } from "../api/types";
import { flagInWords, measured, measureInWords, severityInWords } from "./words";

export interface Flag {
  severity: Severity;
  /** How grave, in a word. */
  word: string;
  text: string;
}

const ORDER: readonly Severity[] = ["blocking", "not_assessed", "critical", "warning"];

/** Measures without a limit of the verdict: whatever their size, they do not bear on the decision. */
const ALERTS: ReadonlySet<string> = new Set(["max_drawdown", "live_drawdown"]);

/**
 * The flags of verdict and brief together: a measure that the verdict raises is told by the verdict. Measures that could not be
 * assessed for the same reason are one flag.
 */
export function flagsOf(plan: Plan, details: Insights["risk_flag_details"]): Flag[] {
  const raised = plan.verdict.checks.filter((check) => check.severity !== "clear");
  const ofVerdict = raised.map((check) => ({
    ...check,
    code: check.measure as string,
    name: measureInWords(check.measure),
    point: check.point === "before" ? "now" : "after the plan",
  }));
  const ofBrief = details
    .filter((flag) => !raised.some((check) => check.measure === flag.code))
    .map((flag) => ({ ...flag, name: flagInWords(flag.code), point: flag.code === "turnover" ? "after the plan" : "now" }));
  const all = [...ofVerdict, ...ofBrief];
  const after = (plan.after_risk_metrics ?? {}) as Readonly<Record<string, unknown>>;
  const figures = all.flatMap(({ code, severity, name, point, value, warning_above, critical_above, reason }): Flag[] => {
    if (value === null || value === undefined) return [];
    const word = severityInWords(severity);
    const likely = details.find(({ code }) => code === "implausible_inputs")?.reason;
    if (code === "implausible_inputs" && likely) return [{ severity, word, text: `${name}, ${point}: ${likely}` }];
    if (ALERTS.has(code)) {
      const later = after[code];
      const then = typeof later === "number" ? `, after the plan: ${measured(code, later)}` : "";
      return [
        {
          severity: "warning",
          word: "Alert",
          text: `${name}, now: ${measured(code, value)}${then}, alert above ${measured(code, warning_above)}`,
        },
      ];
    }
    const levels = `warning above ${measured(code, warning_above)}, critical above ${measured(code, critical_above)}`;
    // A figure below its levels that is raised all the same: the data cannot say how grave it is.
    const why = severity === "not_assessed" && reason ? `; ${reason}` : "";
    return [{ severity, word, text: `${name}, ${point}: ${measured(code, value)}, ${levels}${why}` }];
  });
  return [...figures, ...unassessed(all.filter(({ value }) => value === null || value === undefined))].sort(
    (a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity),
  );
}

function unassessed(flags: readonly { severity: Severity; name: string; reason?: string | null }[]): Flag[] {
  const byReason = new Map<string, Set<string>>();
  for (const { name, reason } of flags) {
    const why = reason ?? "no figure";
    byReason.set(why, (byReason.get(why) ?? new Set()).add(name));
  }
  const severity = flags[0]?.severity ?? "not_assessed";
  return [...byReason].map(([why, names]) => ({
    severity,
    word: severityInWords("not_assessed"),
    text: `${[...names].join("; ")}: ${why}`,
  }));
}
