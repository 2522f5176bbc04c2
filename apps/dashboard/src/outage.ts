/** Failures that are no fault of the portfolio: a banner says what happened, and a quiet question finds out when it is over. */

import { api, type Failure } from "./api/client";
import { fill, h } from "./dom/element";
import type { Session } from "./session";

const RETRY_MS = 5_000;

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
  addEventListener("offline", () =>
    session.report({ kind: "offline", title: "This device is offline", detail: "There is no network." }),
  );
  addEventListener("online", () => void recover());
  return { element, show, hide };

  function show(failure: Outage): void {
    element.hidden = false;
    const shown = session.outcome ? " What is shown is the last answer." : "";
    const request = failure.kind === "failed" && failure.requestId ? ` Request ${failure.requestId}.` : "";
    fill(
      element,
      h("strong", {}, failure.title),
      h("span", {}, ` ${failure.detail}${shown}${request} `),
      h("button", { type: "button", onclick: () => void recover() }, "Try again"),
    );
    if (failure.kind === "offline") knockLater(failure);
  }

  function hide(): void {
    element.hidden = true;
    fill(element);
  }

  function knockLater(known: Failure | undefined): void {
    setTimeout(() => session.failure === known && void knock(), RETRY_MS);
  }

  /** Asks quietly whether the service is back. */
  async function knock(): Promise<void> {
    const known = session.failure;
    try {
      await api.ready();
      await recover();
    } catch {
      if (session.failure === known) knockLater(known);
    }
  }
}
