/** What a first visit is offered: the reader's own book, or an example. */

import { fill, h } from "./dom/element";

export interface Start {
  element: HTMLElement;
  /** Says where a book is that has no plan yet; nothing where there is none. */
  show: (book: string | undefined) => void;
}

export function startView({ enter, example }: { enter: () => void; example: () => void }): Start {
  const element = h("div", { class: "start" });
  const show = (book: string | undefined): void =>
    fill(
      element,
      h("h2", {}, book === undefined ? "Start with your own book" : `${book} has no plan yet`),
      h(
        "p",
        {},
        book === undefined
          ? "Enter what you hold in units and prices, with your cash and your targets: the orders follow from them. It stays in this " +
              "browser until you plan it."
          : "It is where you left it. Nothing was planned or stored when the page was loaded.",
      ),
      h(
        "div",
        { class: "toolbar" },
        h("button", { type: "button", class: "primary", onclick: enter }, book === undefined ? "Enter my book" : "Open my book"),
        h("button", { type: "button", onclick: example }, "Look at an example"),
      ),
    );
  show(undefined);
  return { element, show };
}
