/** The path of a plan over several periods in words, and its weights by asset. */

import type { Optimization, Plan } from "../api/types";
import { decimal, integer, percent, tiny } from "../format";

export type PlanPath = NonNullable<Optimization["path"]>;

export interface PathLine {
  name: string;
  /** Now, and after the trades of each period. */
  weights: readonly number[];
}

/** What an asset trades over the whole path, purchases and sales alike. */
const moved = ({ weights }: PathLine): number => weights.slice(1).reduce((sum, w, i) => sum + Math.abs(w - (weights[i] ?? w)), 0);

/** A line for each asset, those that move most first. */
export function pathLines({ weights }: Pick<Plan, "weights">, { steps }: Pick<PlanPath, "steps">): PathLine[] {
  const lines = weights.map(({ asset, current_weight }, i) => ({
    name: asset,
    weights: [current_weight, ...steps.map((step) => step.weights[i] ?? 0)],
  }));
  return lines.sort((a, b) => moved(b) - moved(a));
}

/** Why there is no path; `undefined` where there is one. */
export function withoutPath({ reason, conflict_period }: PlanPath): string | undefined {
  switch (reason) {
    case undefined:
      return undefined;
    case "no_history":
      return "There is no path: without any history the plan is as near to the targets as the limits allow.";
    case "limits_conflict":
      return `There is no path: the limits of ${
        conflict_period === undefined || conflict_period === 1 ? "today's step" : `step ${integer(conflict_period)}`
      } contradict each other.`;
  }
}

/** What the steps trade, and how much better another path could be. */
export function pathInWords({ steps, turnover, cost, objective, lower_bound }: PlanPath): string {
  const gap = Math.max(0, (objective ?? 0) - (lower_bound ?? 0));
  return (
    `${integer(steps.length)} steps with a turnover of ${percent(turnover)}, ${percent(steps[0]?.turnover)} of it in today's, ` +
    `and costs of ${decimal((cost ?? 0) * 1e4)} bp. No path within the limits is better by more than ${tiny(gap)} of the book.`
  );
}
