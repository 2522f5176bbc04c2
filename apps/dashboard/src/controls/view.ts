/** Controls: halts, plans that wait for a decision, and the policy they are held against. */

import { h } from "../dom/element";
import type { Session } from "../session";
import { haltsView } from "./halts";
import { policyView } from "./policy";
import { queueView } from "./queue";

export interface ControlsView {
  element: HTMLElement;
  /** Stands over every view while something is halted. */
  banner: HTMLElement;
  load: () => void;
  /** Looks whether something is halted. */
  look: () => void;
}

export function controlsView(session: Session, actions: { open: (planId: string) => void; show: () => void }): ControlsView {
  const halts = haltsView(actions.show);
  const queue = queueView({ open: actions.open });
  const policy = policyView(session);
  return {
    element: h("div", { class: "controls-view" }, queue.element, halts.element, policy.element),
    banner: halts.banner,
    load: () => {
      queue.load();
      void halts.load();
      void policy.load();
    },
    look: () => void halts.load(),
  };
}
