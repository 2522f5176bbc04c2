/**
 * Failures that are no fault of the portfolio. A banner says what happened; when the service is away or busy, the page asks
 * again until that is over.
 */

import { api, failureOf, RETRY_MS, type Failure } from "./api/client";
import { fill, h } from "./dom/element";
import type { Session } from "./session";

/** The shortest pause between two questions, and the longest, unless the service asks for a longer one. */
const SHORTEST_MS = 1_000;
const LONGEST_MS = 60_000;

/** A refusal belongs to the fields of the portfolio; everything else belongs here. */
export type Outage = Exclude<Failure, { kind: "refused" }>;

export interface OutageBanner {
  element: HTMLElement;
  show: (failure: Outage) => void;
  hide: () => void;
}

/** `recover` asks again for whatever is missing. */
export function outageBanner(session: Session, recover: () => Promise<void>): OutageBanner {
  const element = h("div", { class: "banner", role: "alert", hidden: true });
  /** Failures in a row. */
  let failures = 0;
  addEventListener("offline", () =>
    session.report({ kind: "offline", title: "This device is offline", detail: "There is no network.", retryMs: RETRY_MS }),
  );
  addEventListener("online", () => void recover());
  return { element, show, hide };

  function show(failure: Outage): void {
    const pause = pauseAfter(failure, failures);
    failures += 1;
    const shown = session.outcome ? " The last answer is still shown." : "";
    const again = pause === undefined ? "" : " This page keeps trying.";
    const request = failure.kind === "failed" && failure.requestId ? ` Request ${failure.requestId}.` : "";
    element.hidden = false;
    fill(
      element,
      h("strong", {}, failure.title),
      h("span", {}, ` ${failure.detail}${shown}${again}${request} `),
      h("button", { type: "button", onclick: () => void recover() }, "Try again"),
    );
    if (pause !== undefined) knockAfter(pause, failure);
  }

  function hide(): void {
    failures = 0;
    element.hidden = true;
    fill(element);
  }

  function knockAfter(pause: number, known: Outage): void {
    setTimeout(() => void knock(known), pause);
  }

  /** Asks quietly whether the service is back. A call under way, or a newer failure, ends the questions about this one. */
  async function knock(known: Outage): Promise<void> {
    const isOver = (): boolean => session.failure !== known || session.busy;
    if (isOver()) return;
    try {
      await api.ready();
    } catch (error) {
      const failure = failureOf(error);
      const pause = failure.kind === "refused" ? undefined : pauseAfter(failure, 0);
      if (!isOver()) knockAfter(pause ?? RETRY_MS, known);
      return;
    }
    if (!isOver()) await recover();
  }
}

/** How long to wait before asking again: as long as the failure says, doubled after each one before it; nothing when a person decides. */
export function pauseAfter({ retryMs }: Outage, failuresBefore: number): number | undefined {
  if (retryMs === undefined) return undefined;
  const first = Math.max(SHORTEST_MS, retryMs);
  return Math.max(first, Math.min(LONGEST_MS, first * 2 ** failuresBefore));
}
