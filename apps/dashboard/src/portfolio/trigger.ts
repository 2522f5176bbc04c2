/** When a policy trades, as fields of a draft show it, and which of them go with its kind. */

/** Members of a draft that state the trigger; the kind is empty where a plan is made whenever it is asked for. */
export interface TriggerFields {
  readonly triggerKind: string;
  /** Scheduled days one by one, `YYYY-MM-DD`, between spaces or commas. */
  readonly triggerDays: string;
  /** Whose sessions count; empty where every day does. */
  readonly triggerExchange: string;
  /** Which sessions are scheduled; empty where `triggerDays` are. */
  readonly triggerEvery: string;
  readonly lastRebalance: string;
  readonly cooldownDays: string;
  readonly persistenceDays: string;
  readonly breachedSince: string;
  /** Seed of the draws that move a trade by chance; empty where none is moved. */
  readonly staggerSeed: string;
  readonly staggerWindow: string;
  readonly staggerJitter: string;
  /** The day on which the trade became due that is on its way. */
  readonly dueOn: string;
}

export const NO_TRIGGER: TriggerFields = {
  triggerKind: "",
  triggerDays: "",
  triggerExchange: "",
  triggerEvery: "",
  lastRebalance: "",
  cooldownDays: "",
  persistenceDays: "",
  breachedSince: "",
  staggerSeed: "",
  staggerWindow: "",
  staggerJitter: "",
  dueOn: "",
};

export const hasTrigger = ({ triggerKind }: TriggerFields): boolean => triggerKind !== "";
/** Whether scheduled days count: a breach alone needs none. */
export const isTimed = ({ triggerKind }: TriggerFields): boolean => triggerKind !== "" && triggerKind !== "threshold";
/** Whether sessions of an exchange are the scheduled days, and not a list. */
export const isBySessions = (draft: TriggerFields): boolean => isTimed(draft) && draft.triggerExchange !== "";
export const isByDays = (draft: TriggerFields): boolean =>
  isTimed(draft) && (draft.triggerExchange === "" || draft.triggerEvery === "");
/** Whether a breach has to last: a calendar waits for none. */
export const isOnBreach = (draft: TriggerFields): boolean => hasTrigger(draft) && draft.triggerKind !== "calendar";
/** Whether chance moves the trades: it needs a seed. */
export const isStaggered = (draft: TriggerFields): boolean => hasTrigger(draft) && draft.staggerSeed.trim() !== "";
