/** A part of the decision: a heading and content that is renewed with every outcome. */

import type { Failure } from "../api/client";
import { h, uniqueId, type Child } from "../dom/element";
import type { Outcome } from "../outcome";

export interface Panel {
  element: HTMLElement;
  show: (outcome: Outcome) => void;
}

/** A titled section. */
export function section(title: string, subtitle: Child, ...content: Child[]): HTMLElement {
  const id = uniqueId("section");
  return h(
    "section",
    { class: "panel", "aria-labelledby": id },
    h("header", {}, h("h2", { id }, title), subtitle && h("p", { class: "subtitle" }, subtitle)),
    ...content,
  );
}

/** Details that stay open when their panel is drawn again: `memory` outlives the element. */
export function fold(memory: { open: boolean }, summary: string, ...content: Child[]): HTMLDetailsElement {
  const details = h(
    "details",
    { open: memory.open, ontoggle: () => (memory.open = details.open) },
    h("summary", {}, summary),
    ...content,
  );
  return details;
}

/** Takes the whole row. */
export function wide(element: HTMLElement): HTMLElement {
  element.classList.add("wide");
  return element;
}

/** A failure of one part, which leaves the others standing. */
export function failureLine(failure: Failure): HTMLElement {
  return h("p", { class: "empty" }, `${failure.title}. ${failure.detail}`);
}

export function waiting(what: string): HTMLElement {
  return h("p", { class: "empty waiting" }, `${what}…`);
}
