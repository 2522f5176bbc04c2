/** A modal dialog with a heading and a close button; the browser keeps the focus inside and gives it back. */

import { fill, h, uniqueId, type Child } from "./element";

export interface Dialog {
  element: HTMLDialogElement;
  open: (title: string, ...content: Child[]) => void;
  close: () => void;
}

export function dialog(className: string): Dialog {
  const id = uniqueId("dialog");
  const heading = h("h2", { id, dir: "auto" });
  const body = h("div", { class: "dialog-body" });
  const close = (): void => element.close();
  const element = h(
    "dialog",
    { class: className, "aria-labelledby": id },
    h("header", { class: "dialog-head" }, heading, h("button", { type: "button", class: "quiet", onclick: close }, "Close")),
    body,
  );
  element.addEventListener("click", (event) => {
    if (event.target === element) close();
  });
  element.addEventListener("close", () => fill(body));
  return {
    element,
    close,
    open: (title, ...content) => {
      heading.textContent = title;
      fill(body, ...content);
      if (!element.open) element.showModal();
      body.scrollTop = 0;
    },
  };
}
