/** When a policy trades: from a request to the fields of a draft, and back. */

import type { PlanRequest } from "../api/types";
import { text } from "./draft";
import { hasTrigger, isByDays, isBySessions, isOnBreach, isStaggered, NO_TRIGGER, type TriggerFields } from "./trigger";
import { wire } from "./wire-number";

type Requested = NonNullable<PlanRequest["trigger"]>;

export function triggerOf(trigger: PlanRequest["trigger"]): TriggerFields {
  if (trigger === undefined || trigger === null) return NO_TRIGGER;
  return {
    triggerKind: trigger.kind,
    triggerDays: (trigger.days ?? []).join(", "),
    triggerExchange: text(trigger.calendar?.exchange),
    triggerEvery: text(trigger.calendar?.every),
    lastRebalance: text(trigger.last_rebalance),
    cooldownDays: text(trigger.cooldown_days),
    persistenceDays: text(trigger.persistence_days),
    breachedSince: text(trigger.breached_since),
    staggerSeed: text(trigger.staggering?.seed),
    staggerWindow: text(trigger.staggering?.window_days),
    staggerJitter: text(trigger.staggering?.destination_jitter),
    dueOn: text(trigger.due_on),
  };
}

const sent = (members: object): object => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/** What does not go with the kind is not sent. */
export function triggerRequest(draft: TriggerFields): PlanRequest["trigger"] {
  if (!hasTrigger(draft)) return undefined;
  const days = isByDays(draft) ? draft.triggerDays.split(/[\s,;]+/).filter((day) => day !== "") : [];
  const every = isBySessions(draft) ? draft.triggerEvery : "";
  const staggering = {
    window_days: wire(draft.staggerWindow),
    destination_jitter: wire(draft.staggerJitter),
    seed: wire(draft.staggerSeed),
  };
  const members = {
    kind: draft.triggerKind,
    days: days.length > 0 ? days : undefined,
    calendar: draft.triggerExchange ? { exchange: draft.triggerExchange, ...(every && { every }) } : undefined,
    last_rebalance: draft.lastRebalance.trim() || undefined,
    cooldown_days: wire(draft.cooldownDays),
    persistence_days: isOnBreach(draft) ? wire(draft.persistenceDays) : undefined,
    breached_since: isOnBreach(draft) ? draft.breachedSince.trim() || undefined : undefined,
    staggering: isStaggered(draft) ? sent(staggering) : undefined,
    due_on: isStaggered(draft) ? draft.dueOn.trim() || undefined : undefined,
  };
  return sent(members) as Requested;
}
