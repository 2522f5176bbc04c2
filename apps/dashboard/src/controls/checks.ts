/** What a plan proposes beside what the policy says: one line a check. */

import type { ControlCheck, ControlOutcome } from "../api/types";
import { h } from "../dom/element";
import { dataTable } from "../dom/table";
import { MISSING } from "../format";
import { controlFigure, controlInWords } from "./catalogue";

const OUTCOMES: Record<ControlOutcome, { word: string; mark: string }> = {
  pass: { word: "Passes", mark: "clear" },
  not_assessed: { word: "Not assessed", mark: "not_assessed" },
  soft: { word: "Soft breach", mark: "warning" },
  hard: { word: "Hard breach", mark: "critical" },
};
/** The gravest first. */
const GRAVITY: readonly ControlOutcome[] = ["hard", "soft", "not_assessed", "pass"];

export function outcomeInWords(outcome: ControlOutcome): string {
  return OUTCOMES[outcome].word;
}

/** What a check looked at: the plan, an asset, a group, or the order of an asset. */
export function subjectInWords({ subject, subject_id: id, asset }: ControlCheck): string {
  if (subject === "order" && asset !== undefined) return `Order of ${asset}`;
  if (subject === "plan" || id === null) return "The plan";
  if (subject === "order") return `Order ${id}`;
  return subject === "group" ? `Group ${id}` : id;
}

/** How far a value is beyond its limit; nothing where it is not. */
export function beyond({ control, value, limit, outcome }: ControlCheck, currency: string): string {
  if (value === null || (outcome !== "soft" && outcome !== "hard")) return MISSING;
  return controlFigure(control, value - limit, currency);
}

export function checksTable(checks: readonly ControlCheck[], currency: string): HTMLElement {
  const sorted = [...checks].sort((a, b) => GRAVITY.indexOf(a.outcome) - GRAVITY.indexOf(b.outcome));
  return dataTable<ControlCheck>(
    [
      { title: "Control", heading: true, cell: (check) => controlInWords(check.control) },
      {
        title: "Outcome",
        cell: (check) =>
          h(
            "span",
            {},
            h("span", { class: `badge ${OUTCOMES[check.outcome].mark}` }, outcomeInWords(check.outcome)),
            check.overridden_by && ` override by ${check.overridden_by}`,
          ),
      },
      { title: "Proposed", numeric: true, cell: (check) => controlFigure(check.control, check.value, currency) },
      { title: "Limit", numeric: true, cell: (check) => controlFigure(check.control, check.limit, currency) },
      { title: "Beyond it", numeric: true, cell: (check) => beyond(check, currency) },
      { title: "Of", cell: (check) => h("span", { dir: "auto" }, subjectInWords(check)) },
      { title: "Why it is not known", cell: (check) => check.reason ?? "" },
    ],
    sorted,
    { caption: "Proposed beside the policy: the worst check of each control", class: "checks" },
  );
}

/** What a person has to do about the checks before a plan can be approved. */
export function demandOf(checks: readonly ControlCheck[]): string {
  const named = (outcome: ControlOutcome): string[] =>
    checks.filter((check) => check.outcome === outcome).map((check) => controlInWords(check.control));
  const [hard, soft] = [named("hard"), named("soft")];
  if (hard.length > 0) return `Cannot be approved: ${hard.join(", ")} beyond a hard limit.`;
  if (soft.length > 0) return `Needs a comment to be approved: ${soft.join(", ")} beyond a soft limit.`;
  return checks.length === 0 ? "The policy has no limit for this plan." : "Within every limit of the policy.";
}
