/** What was tried on this page before: the best of many looks good by chance, whichever request it came in. */

import type { BacktestRequest } from "../api/types";

/** Counts the different policies that were tried on each history since the page was opened. */
export class Tries {
  private readonly seen = new Map<string, Set<string>>();

  /** The request with the number of earlier tries on its history. Those that it repeats count once. */
  counted(request: BacktestRequest): BacktestRequest {
    const now = new Set(triesOf(request));
    const earlier = [...(this.seen.get(historyOf(request)) ?? [])].filter((tried) => !now.has(tried)).length;
    return earlier === 0 ? request : { ...request, earlier_trials: earlier };
  }

  /** Remembers the policies of a request that was answered. */
  remember(request: BacktestRequest): void {
    const history = historyOf(request);
    this.seen.set(history, new Set([...(this.seen.get(history) ?? []), ...triesOf(request)]));
  }
}

function historyOf({ returns, dates }: BacktestRequest): string {
  return JSON.stringify([returns, dates]);
}

/** What is tried, its name aside. */
function triesOf({ policies, initial_value }: BacktestRequest): string[] {
  return policies.map((policy) => JSON.stringify({ ...policy, name: "", initial_value }));
}
