/** The dialog that asks for an API key when the service wants one. */

import { dialog } from "../dom/dialog";
import { h, uniqueId } from "../dom/element";
import type { AskForKey } from "./key";

export interface SignIn {
  element: HTMLElement;
  ask: AskForKey;
}

export function signIn(): SignIn {
  const window = dialog("narrow-dialog");
  let settle: ((key: string | undefined) => void) | undefined;
  window.element.addEventListener("close", () => {
    settle?.(undefined);
    settle = undefined;
  });
  const ask: AskForKey = (refused) =>
    new Promise((done) => {
      settle = done;
      const id = uniqueId("key");
      const field = h("input", { id, type: "password", autocomplete: "off", spellcheck: "false", required: true });
      const give = (event: Event): void => {
        event.preventDefault();
        const key = field.value.trim();
        if (key === "") return;
        settle?.(key);
        settle = undefined;
        window.close();
      };
      window.open(
        "Sign in",
        h(
          "form",
          { onsubmit: give },
          refused && h("p", { role: "alert" }, "The service does not know this key, or it was revoked or has expired."),
          h(
            "p",
            {},
            "The service asks for an API key. The page keeps it until it is closed or loaded again, and stores it nowhere.",
          ),
          h("label", { for: id }, "API key"),
          field,
          h("div", { class: "toolbar" }, h("button", { type: "submit", class: "primary" }, "Sign in")),
        ),
      );
      field.focus();
    });
  return { element: window.element, ask };
}
