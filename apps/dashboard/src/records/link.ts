/** Links to stored plans: `/?plan=<id>` opens the plan as it was answered. */

const MEMBER = "plan";

/** The plan the address names. */
export function planInAddress(): string | undefined {
  return new URLSearchParams(location.search).get(MEMBER) ?? undefined;
}

export function planLink(planId: string): string {
  return `/?${new URLSearchParams({ [MEMBER]: planId }).toString()}`;
}

/** Names a plan in the address, or none; a step back leads to what was shown before. */
export function showInAddress(planId: string | undefined): void {
  if (planInAddress() !== planId) history.pushState(null, "", planId === undefined ? "/" : planLink(planId));
}
