/** Where the verdict draws its lines: in a request, and in words. */

import type { PlanRequest } from "../api/types";
import { emptyDraft, text, type Draft } from "./draft";
import { wire } from "./wire-number";

type Requested = NonNullable<PlanRequest["verdict_limits"]>;
type Levels = Pick<
  Draft,
  | "riskWarning"
  | "riskCritical"
  | "weightWarning"
  | "weightCritical"
  | "turnoverWarning"
  | "turnoverCritical"
  | "shortfallWarning"
  | "shortfallCritical"
  | "shortfallBlocking"
  | "relaxations"
>;
export type Member = keyof Levels;

/** Each level by its member of a draft and its place in a request. All but the last are percent. */
const PLACES: readonly (readonly [
  Member,
  limit: "risk_budget" | "concentration" | "turnover" | "data_shortfall",
  level: string,
])[] = [
  ["riskWarning", "risk_budget", "warning_above"],
  ["riskCritical", "risk_budget", "critical_above"],
  ["weightWarning", "concentration", "warning_above"],
  ["weightCritical", "concentration", "critical_above"],
  ["turnoverWarning", "turnover", "warning_above"],
  ["turnoverCritical", "turnover", "critical_above"],
  ["shortfallWarning", "data_shortfall", "warning_above"],
  ["shortfallCritical", "data_shortfall", "critical_above"],
  ["shortfallBlocking", "data_shortfall", "blocking_above"],
];

/** The levels of a request as fields show them; those that it does not state are the service's own. */
export function verdictLimitsOf(requested: PlanRequest["verdict_limits"], usual: Levels): Levels {
  const levels = { ...pick(usual) };
  for (const [member, limit, level] of PLACES) {
    const stated = (requested?.[limit] as Record<string, number | null | undefined> | null | undefined)?.[level];
    if (stated !== undefined && stated !== null) levels[member] = text(stated, 2);
  }
  const most = requested?.relaxations_max;
  return most === undefined || most === null ? levels : { ...levels, relaxations: text(most) };
}

/** The levels that differ from the service's own; nothing where none does. An emptied field is one that does not. */
export function verdictLimitsRequest(draft: Levels): PlanRequest["verdict_limits"] {
  const usual = emptyDraft();
  const limits: Record<string, Record<string, number | undefined> | number | undefined> = {};
  const isOwn = (member: Member): boolean => draft[member].trim() !== "" && draft[member].trim() !== usual[member];
  for (const [member, limit, level] of PLACES)
    if (isOwn(member)) limits[limit] = { ...(limits[limit] as object), [level]: wire(draft[member], -2) };
  if (isOwn("relaxations")) limits["relaxations_max"] = wire(draft.relaxations);
  return Object.keys(limits).length === 0 ? undefined : (limits as Requested);
}

function pick(from: Levels): Levels {
  return Object.fromEntries([...PLACES.map(([member]) => member), "relaxations" as const].map((m) => [m, from[m]])) as Levels;
}

/** The limits in one line, as the measures are named everywhere else. */
export function limitsInWords(draft: Levels): string {
  const usual = emptyDraft();
  const level = (member: Member): string => draft[member].trim() || usual[member];
  const of = (name: string, warning: Member, critical: Member): string => `${name} ${level(warning)}% / ${level(critical)}%`;
  return [
    of("two-way turnover", "turnoverWarning", "turnoverCritical"),
    of("largest weight", "weightWarning", "weightCritical"),
    of("risk beyond the policy's", "riskWarning", "riskCritical"),
    of("data-quality shortfall", "shortfallWarning", "shortfallCritical"),
  ].join("; ");
}
