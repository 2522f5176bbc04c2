/** Controls of the service: the policy in versions, halts, and decisions about plans. */

import { call, callTagged, planPath, wasRefusedAs } from "../api/client";
import type { ControlPolicy, HaltList, PlanStateAnswer } from "../api/types";

/** A decision that a person takes about a plan. */
export type Decision = "approve" | "reject" | "cancel" | "finish";

/** A version of the policy, with the ETag that the next write names. */
export interface StandingPolicy {
  policy: ControlPolicy;
  tag: string;
  /** Number of the version; 0 is the default document. */
  version: string;
  /** Whether it is a policy of plans with a reference, and not that of the service. */
  isOwn: boolean;
}

const PLACE = "/api/controls";

export const controls = {
  /** What plans with a reference are held against; that of the service without one. */
  policy: async (reference = ""): Promise<StandingPolicy> => standing(await callTagged<ControlPolicy>(policyPath(reference))),
  /** Stored only where the version that was read is still the latest. */
  save: async (policy: ControlPolicy, tag: string, reference = ""): Promise<StandingPolicy> =>
    standing(await callTagged<ControlPolicy>(policyPath(reference), policy, { "If-Match": tag })),
  /** Takes back the own policy of plans with a reference: the answer is that of the service, which holds for them again. */
  withdraw: async (tag: string, reference: string, reason: string): Promise<StandingPolicy> => {
    const path = `${policyPath(reference)}&reason=${encodeURIComponent(reason)}`;
    return standing(await callTagged<ControlPolicy>(path, undefined, { "If-Match": tag }, "DELETE"));
  },
  halts: (): Promise<HaltList> => call(`${PLACE}/halts`),
  halt: (scope: string, reason: string): Promise<HaltList> => call(`${PLACE}/halt`, { scope, reason }),
  resume: (scope: string, reason: string): Promise<HaltList> => call(`${PLACE}/resume`, { scope, reason }),
  /** Where a plan stands; one about which nobody has decided with the checks that an approval now would be held against. */
  stateOf: (planId: string): Promise<PlanStateAnswer> => call(`${planPath(planId)}/state?include=checks`),
  /** An empty comment is none. */
  decide: (planId: string, decision: Decision, comment: string): Promise<PlanStateAnswer> =>
    call(`${planPath(planId)}/${decision}`, comment.trim() === "" ? {} : { comment: comment.trim() }),
};

/** Whether somebody saved another version of the policy meanwhile. */
export function isStale(error: unknown): boolean {
  return wasRefusedAs(error, "/problems/stale-version");
}

function policyPath(reference: string): string {
  return reference === "" ? `${PLACE}/policy` : `${PLACE}/policy?client_reference=${encodeURIComponent(reference)}`;
}

/** A packed answer has its ETag marked as weak, with which no write may be made; the digest in it names the version all the same. */
function standing({ answer, tag, head }: { answer: ControlPolicy; tag: string; head: Headers }): StandingPolicy {
  const [version, isOwn] = [head.get("policy-version") ?? "", head.get("policy-scope") === "reference"];
  return { policy: answer, tag: tag.replace(/^W\//, ""), version, isOwn };
}
