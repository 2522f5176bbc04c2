/** Where plans stand, in words. */

import type { PlanState } from "../api/types";

/** In the order of a plan's life; what waits for a person comes first. */
export const STATES: Record<PlanState, string> = {
  proposed: "Waiting for a decision",
  approved: "Approved",
  executing: "Executing",
  done: "Done",
  rejected: "Rejected",
  cancelled: "Cancelled",
};
