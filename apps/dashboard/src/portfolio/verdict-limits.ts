/** The limits of the verdict beside the intent: shown before a plan is made, and to be changed. */

import { h } from "../dom/element";
import type { Session } from "../session";
import type { FaultBoard } from "./faults";
import { parametersView, type Parameter, type ParameterGroup } from "./parameters";
import { limitsInWords, type Member } from "./verdict-levels";

const level = (member: Member, place: string, label: string): Parameter => ({
  member,
  pointer: `/verdict_limits/${place}`,
  label,
  unit: "%",
});

const GROUPS: readonly ParameterGroup[] = [
  {
    legend: "Levels",
    columns: "many",
    parameters: [
      level("turnoverWarning", "turnover/warning_above", "Two-way turnover: warning above"),
      level("turnoverCritical", "turnover/critical_above", "Two-way turnover: critical above"),
      level("weightWarning", "concentration/warning_above", "Largest weight: warning above"),
      level("weightCritical", "concentration/critical_above", "Largest weight: critical above"),
      level("riskWarning", "risk_budget/warning_above", "Risk beyond the policy's: warning above"),
      level("riskCritical", "risk_budget/critical_above", "Risk beyond the policy's: critical above"),
      level("shortfallWarning", "data_shortfall/warning_above", "Data-quality shortfall: warning above"),
      level("shortfallCritical", "data_shortfall/critical_above", "Data-quality shortfall: critical above"),
      level("shortfallBlocking", "data_shortfall/blocking_above", "Data-quality shortfall: rejected above"),
      { member: "relaxations", pointer: "/verdict_limits/relaxations_max", label: "Most relaxations in one run" },
    ],
  },
];

/** The panel beside the intent: the levels in a line, and the fields behind it. */
export function verdictLimitsView(session: Session, faults: FaultBoard): HTMLElement {
  const line = h("p", { class: "note", role: "status" });
  const fields = parametersView(session, faults, GROUPS, "Limits of the verdict");
  const hint =
    "A plan above a warning level passes with a flag; above a critical level a person reviews it. Risk is that of volatility, VaR95, " +
    "CVaR95 and tracking error; a weight that the policy itself asks for is never too large.";
  const details = h("details", {}, h("summary", {}, "Change them"), h("p", { class: "hint" }, hint), fields);
  const refresh = (): void => {
    line.textContent = `Warning / critical above: ${limitsInWords(session.draft)}.`;
  };
  session.on("draft", refresh);
  session.on("failure", () => fields.querySelector("[aria-invalid='true']") && details.setAttribute("open", ""));
  refresh();
  return h("section", { class: "verdict-limits" }, h("h2", {}, "Limits of the verdict"), line, details);
}
