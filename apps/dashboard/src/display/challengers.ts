/** A champion against its challengers: what their comparisons say, in words. */

import type { ModelShadow } from "../api/types";
import { decimal, integer, percent } from "../format";

export type Challenger = ModelShadow["challengers"][number];
export type LossComparison = Challenger["comparisons"][number];

export const LOSSES: Record<LossComparison["loss"], string> = {
  squared_error: "Squared error of the forecasts",
  qlike: "QLIKE of the variances",
  negative_net_return: "Net return, bps of NAV, sign turned",
};

const REASONS: Record<NonNullable<LossComparison["reason"]>, string> = {
  too_few_plans: "fewer than ten plans have an outcome",
  plans_overlap: "the outcomes of most plans share their days",
  no_difference: "both have the same loss on every plan",
  too_large: "a loss is too large for a number",
};

export interface ChallengerRow {
  challenger: string;
  loss: string;
  plans: string;
  champion: string;
  own: string;
  interval: string;
  verdict: string;
}

/** A row for each comparison of each challenger. */
export function rowsOf(shadow: ModelShadow): ChallengerRow[] {
  return shadow.challengers.flatMap(({ challenger, comparisons }) =>
    comparisons.map((one) => ({
      challenger: `${challenger.id} ${challenger.version}`,
      loss: LOSSES[one.loss],
      plans: integer(one.plans),
      champion: figure(one.champion),
      own: figure(one.challenger),
      interval:
        one.difference_lower === null || one.difference_upper === null
          ? ""
          : `${figure(one.difference_lower)} to ${figure(one.difference_upper)}`,
      verdict: one.verdict ?? `no test: ${one.reason ? REASONS[one.reason] : "unknown"}`,
    })),
  );
}

/** How the table is to be read. */
export function footing({ champion, challengers, trials, level }: ModelShadow): string {
  if (challengers.length === 0) return `No challenger of ${champion.id} has run on a stored plan yet.`;
  const runs = challengers.map((one) => `${one.challenger.id} on ${integer(one.plans)} plans (${integer(one.scored)} scored)`);
  return (
    `Champion ${champion.id} ${champion.version}; ${runs.join(", ")}. Lower losses are better; intervals are of the challenger's loss ` +
    `less the champion's, at 95%. The verdicts allow for ${integer(trials)} comparisons at ${percent(level, 0)} in all.`
  );
}

/** Losses span many powers of ten. */
function figure(value: number | null): string {
  if (value === null) return "";
  return value !== 0 && Math.abs(value) < 0.01 ? value.toExponential(2) : decimal(value);
}
