/** What the monitoring triggers of a model measure, in words. */

import type { ModelMonitoring } from "../api/types";
import { decimal, integer, percent } from "../format";

export type TriggerReading = ModelMonitoring["triggers"][number];

const REASONS: Record<NonNullable<TriggerReading["reason"]>, string> = {
  not_recorded: "no record gives it: a person has to look",
  too_few_observations: "too few observations",
  no_variation: "nothing varies in what is observed",
  too_large: "too large for a number",
};

export interface TriggerRow {
  measure: string;
  threshold: string;
  now: string;
  observations: string;
  state: string;
}

/** A row for each trigger, in the order of the card. */
export function triggerRows({ triggers }: ModelMonitoring): TriggerRow[] {
  return triggers.map((one) => ({
    measure: one.measure,
    threshold: one.threshold,
    now: shown(one),
    observations: one.limit ? integer(one.observations) : "",
    state: state(one),
  }));
}

/** What is covered is a share; everything else has a unit of its own. */
function shown({ value, limit }: TriggerReading): string {
  if (value === null) return "";
  return limit?.figure.endsWith("coverage") ? percent(value, 1) : decimal(value);
}

function state({ has_fired, reason, action }: TriggerReading): string {
  if (has_fired === null) return `no figure: ${reason ? REASONS[reason] : "unknown"}`;
  return has_fired ? `fired: ${action}` : "within its limit";
}

/** On how many plans the figures rest. */
export function counted({ id, version, plans }: ModelMonitoring): string {
  return `Monitoring triggers of ${id} ${version}, over ${integer(plans)} plans with an outcome that came after them:`;
}
