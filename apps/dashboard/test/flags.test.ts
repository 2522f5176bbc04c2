import assert from "node:assert/strict";
import { test } from "node:test";
import type { Insights, Plan } from "../src/api/types";
import { flagsOf } from "../src/decision/flags";

const check = (measure: string, point: string, severity: string, value: number | null): object => ({
  measure,
  point,
  severity,
  value,
  reason: value === null ? "fewer than 2 common observations" : null,
  warning_above: 0.2,
  critical_above: 0.3,
});
const plan = (checks: object[]): Plan => ({ verdict: { checks }, risk_metrics: { max_drawdown: 0.25 } }) as unknown as Plan;
const drawdown = (value: number): Insights["risk_flag_details"] => [
  { code: "max_drawdown", severity: "warning", value, warning_above: 0.2, critical_above: 0.3, reason: null },
];

// Page fault 7
test("the figure that made the verdict is among the flags, the gravest first, with the book that it is of", () => {
  const checks = [
    check("concentration", "before", "warning", 0.25),
    check("volatility", "after", "critical", 0.35),
    check("turnover", "after", "clear", 0.1),
    check("var_95", "before", "not_assessed", null),
    check("var_95", "after", "not_assessed", null),
    check("cvar_95", "after", "not_assessed", null),
  ];
  assert.deepEqual(
    flagsOf(plan(checks), drawdown(0.25)).map(({ word, text }) => `${word} ${text}`),
    [
      "Not assessed One-day VaR95; One-day CVaR95: fewer than 2 common observations",
      "Critical Annual volatility, after the plan: 35.00%, warning above 20.00%, critical above 30.00%",
      "Warning Largest weight, now: 25.00%, warning above 20.00%, critical above 30.00%",
      "Alert Maximum drawdown, now: 25.00%, alert above 20.00%",
    ],
  );
});

test("a figure within its levels that is not assessed says why", () => {
  const reason = "whole histories might have chosen other trades, which leave more of it";
  const unsure = { ...check("concentration", "after", "not_assessed", 0.15), reason };
  const [flag] = flagsOf(plan([unsure]), []);
  assert.equal(flag?.text, `Largest weight, after the plan: 15.00%, warning above 20.00%, critical above 30.00%; ${reason}`);
});

// Page fault 7: the worse of the two books was in no flag, and a figure was critical beside an approval.
test("a drawdown is an alert with its figure before and after the plan, and never critical", () => {
  const made = { ...plan([]), after_risk_metrics: { max_drawdown: 0.233 } } as unknown as Plan;
  const grave = drawdown(0.2806).map((flag) => ({ ...flag, severity: "critical" as const }));
  assert.deepEqual(flagsOf(made, grave), [
    {
      severity: "warning",
      word: "Alert",
      text: "Maximum drawdown, now: 28.06%, after the plan: 23.30%, alert above 20.00%",
    },
  ]);
});

test("implausible figures are told by the likely mistake, and never as a percentage", () => {
  const reason = "current weights sum to 712: they may be numbers of shares or values, where weights belong";
  const flag = {
    ...drawdown(1)[0],
    code: "implausible_inputs",
    severity: "critical",
    reason,
  } as Insights["risk_flag_details"][number];
  const raised = plan([check("implausible_inputs", "before", "critical", 1)]);
  assert.deepEqual(
    flagsOf(raised, [flag]).map(({ word, text }) => `${word} ${text}`),
    [`Critical Implausible inputs, now: ${reason}`],
  );
  assert.match(flagsOf(raised, [])[0]?.text ?? "", /now: 1, warning above 0/);
});

test("a measure that the verdict raises is not told twice, and one that only the brief raises is told", () => {
  const turnover = { ...drawdown(0.4)[0], code: "turnover" } as Insights["risk_flag_details"][number];
  assert.equal(flagsOf(plan([check("turnover", "after", "warning", 0.4)]), [turnover]).length, 1);
  assert.match(
    flagsOf(plan([check("turnover", "after", "clear", 0.4)]), [turnover])[0]?.text ?? "",
    /^Two-way turnover, after the plan: 40/,
  );
  assert.deepEqual(flagsOf(plan([check("turnover", "after", "clear", 0.1)]), []), []);
});
