/** Every measure beyond a limit of the verdict, the gravest first, each with the book that it is of: now or after the plan. */

import type { Insights, Plan, Severity } from "../api/types";
import { percent } from "../format";
import { flagInWords, measureInWords, severityInWords } from "./words";

export interface Flag {
  severity: Severity;
  /** How grave, in a word. */
  word: string;
  text: string;
}

const ORDER: readonly Severity[] = ["blocking", "critical", "not_assessed", "warning"];

/** The flags of verdict and brief together: a measure that the verdict raises is told by the verdict. */
export function flagsOf(plan: Plan, details: Insights["risk_flag_details"]): Flag[] {
  const raised = plan.verdict.checks.filter((check) => check.severity !== "clear");
  const ofVerdict = raised.map((check) => ({
    ...check,
    name: `${measureInWords(check.measure)}, ${check.point === "before" ? "now" : "after the plan"}`,
  }));
  const ofBrief = details
    .filter((flag) => !raised.some((check) => check.measure === flag.code))
    .map((flag) => ({ ...flag, name: `${flagInWords(flag.code)}, ${flag.code === "turnover" ? "after the plan" : "now"}` }));
  return [...ofVerdict, ...ofBrief]
    .sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))
    .map(({ severity, name, value, reason, warning_above, critical_above }) => ({
      severity,
      word: severityInWords(severity),
      text:
        value === null || value === undefined
          ? `${name}: ${reason ?? "no figure"}`
          : `${name}: ${percent(value)}, warning above ${percent(warning_above)}, critical above ${percent(critical_above)}`,
    }));
}
