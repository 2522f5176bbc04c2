/** What a first visit is offered: the reader's own book, or an example. */

import { fill, h } from "./dom/element";

export interface Start {
  element: HTMLElement;
  /** Says where a book is that has no plan yet; nothing where there is none. */
  show: (book: string | undefined) => void;
}

export interface StartActions {
  enter: () => void;
  importFile: () => void;
  example: () => void;
}

export function startView({ enter, importFile, example }: StartActions): Start {
  const element = h("div", { class: "start" });
  const show = (book: string | undefined): void =>
    fill(
      element,
      h("h2", {}, book === undefined ? "Start with your own book" : `${book} has no plan yet`),
      h(
        "p",
        {},
        book === undefined
          ? "Import the positions file of your broker, or enter what you hold in units and prices, with your cash and your targets: the " +
              "orders follow from them. Nothing is stored before you commit a plan."
          : "It is where you left it. Nothing was planned or stored when the page was loaded.",
      ),
      h(
        "div",
        { class: "toolbar" },
        h("button", { type: "button", class: book === undefined && "primary", onclick: importFile }, "Import a file"),
        h(
          "button",
          { type: "button", class: book !== undefined && "primary", onclick: enter },
          book === undefined ? "Enter my book" : "Open my book",
        ),
        h("button", { type: "button", onclick: example }, "Look at an example"),
      ),
    );
  show(undefined);
  return { element, show };
}
