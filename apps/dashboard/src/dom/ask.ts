/** A question with two answers in a dialog; closing it is the second. */

import { dialog } from "./dialog";
import { h } from "./element";

export interface Asker {
  element: HTMLElement;
  ask: (title: string, text: string, yes: string, no: string) => Promise<boolean>;
}

export function asker(): Asker {
  const window = dialog("narrow-dialog");
  let settle: ((answer: boolean) => void) | undefined;
  const answer = (value: boolean): void => {
    settle?.(value);
    settle = undefined;
    if (window.element.open) window.close();
  };
  window.element.addEventListener("close", () => answer(false));
  return {
    element: window.element,
    ask: (title, text, yes, no) =>
      new Promise((done) => {
        settle?.(false);
        settle = done;
        const stay = h("button", { type: "button", class: "primary", onclick: () => answer(false) }, no);
        window.open(
          title,
          h("p", {}, text),
          h("div", { class: "toolbar" }, stay, h("button", { type: "button", onclick: () => answer(true) }, yes)),
        );
        stay.focus();
      }),
  };
}
