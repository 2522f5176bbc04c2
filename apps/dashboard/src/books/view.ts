/** Saving and opening books by name: a bar of buttons, and the list of both places in a dialog. */

import type { Failure } from "../api/client";
import { dialog } from "../dom/dialog";
import { debounce, fill, h, uniqueId } from "../dom/element";
import { dataTable } from "../dom/table";
import { integer, utc } from "../format";
import { pagedList } from "../records/pages";
import type { Session } from "../session";
import { Saving, type Told } from "./saving";
import { books, type BookSummary } from "./service";
import type { ShelvedBook } from "./shelf";

export interface BooksActions {
  /** Asks, where the draft holds work that another book would take the place of. */
  mayReplace: () => Promise<boolean>;
  /** Asks whether a book of the same name may go. */
  mayOverwrite: (name: string) => Promise<boolean>;
  /** Asks whether a book of the service may be closed, for everybody. */
  mayClose: (name: string) => Promise<boolean>;
  /** Shows what the service refused at the fields it names. */
  refused: (failure: Failure) => void;
}

export function booksView(session: Session, actions: BooksActions): HTMLElement {
  const saving = new Saving(session);
  const window = dialog("books-dialog");
  const status = h("p", { class: "outcome", role: "status", hidden: true });
  const button = (label: string, action: () => void): HTMLButtonElement =>
    h("button", { type: "button", onclick: action }, label);
  const here = button("Save book", () => void saveHere());
  const inService = button("Save in the service", () => void saveInService());
  const element = h(
    "section",
    { class: "books", "aria-label": "Books" },
    h("div", { class: "toolbar" }, here, inService, button("Open book…", openList)),
    status,
    window.element,
  );
  return element;

  function say(told: Told): void {
    status.hidden = false;
    status.className = `outcome ${told.good ? "good" : "bad"}`;
    const { newer } = told;
    const load = newer !== undefined && button("Load the version of the service", () => void openFromService(newer));
    fill(status, told.text, load && " ", load);
  }

  async function saveHere(): Promise<void> {
    if (saving.takesPlace && !(await actions.mayOverwrite(saving.name))) return;
    say(saving.here());
  }

  async function saveInService(): Promise<void> {
    if (saving.takesPlace && !(await actions.mayOverwrite(saving.name))) return;
    inService.disabled = true;
    status.hidden = true;
    try {
      const told = await saving.inService();
      if ("refused" in told) actions.refused(told.refused);
      else say(told);
    } finally {
      inService.disabled = false;
    }
  }

  async function openHere(book: ShelvedBook): Promise<void> {
    if (!(await actions.mayReplace())) return;
    window.close();
    say(saving.openHere(book));
  }

  async function openFromService(portfolioId: string): Promise<void> {
    if (!(await actions.mayReplace())) return;
    window.close();
    say(await saving.openFromService(portfolioId));
  }

  function openList(): void {
    const shelf = h("div");
    const id = uniqueId("find");
    const words = (): string => search.value.trim();
    const list = pagedList<BookSummary>({
      read: (cursor) => books.list(cursor, words()),
      loading: "Loading the books of the service",
      empty: () =>
        words() === "" ? "The service has no book yet." : "No book of the service has all of these words in its name.",
      more: "More books",
      table: (items) =>
        dataTable(
          [
            {
              title: "Book",
              heading: true,
              cell: (row) =>
                h(
                  "button",
                  { type: "button", class: "link", dir: "auto", onclick: () => void openFromService(row.portfolio_id) },
                  row.name,
                ),
            },
            { title: "Version", numeric: true, cell: (row) => integer(row.version) },
            { title: "Saved at, UTC", cell: (row) => utc(row.saved_at) },
            {
              title: "Close",
              cell: (row) =>
                h(
                  "button",
                  { type: "button", class: "quiet", onclick: () => void close(row) },
                  "Close",
                  h("span", { class: "visually-hidden" }, ` ${row.name} in the service`),
                ),
            },
          ],
          items,
          { caption: "Books of the service, those saved last first", pageSize: 1000 },
        ),
    });
    const search = h("input", {
      type: "search",
      id,
      maxlength: 200,
      autocomplete: "off",
      oninput: debounce(250, () => void list.load()),
    });
    const told = h("p", { class: "outcome", role: "status", hidden: true });
    const close = async (book: BookSummary): Promise<void> => {
      if (!(await actions.mayClose(book.name))) return;
      const { good, text } = await saving.closeInService(book);
      told.hidden = false;
      told.className = `outcome ${good ? "good" : "bad"}`;
      fill(told, text);
      showShelf(shelf);
      void list.load();
    };
    showShelf(shelf);
    window.open(
      "Open a book",
      h("h3", {}, "In this browser"),
      shelf,
      h("h3", {}, "In the service"),
      h("div", { class: "toolbar", role: "search" }, h("label", { for: id }, "Find"), search),
      told,
      list.element,
    );
    void list.load();
  }

  function showShelf(shelf: HTMLElement): void {
    const kept = saving.shelf.list();
    if (kept.length === 0) return fill(shelf, h("p", { class: "empty" }, "No book is saved in this browser yet."));
    const table = dataTable<ShelvedBook>(
      [
        {
          title: "Book",
          heading: true,
          cell: (book) =>
            h("button", { type: "button", class: "link", dir: "auto", onclick: () => void openHere(book) }, book.name),
        },
        {
          title: "Version of the service",
          numeric: true,
          cell: ({ kept: in_service }) => (in_service ? integer(in_service.version) : ""),
        },
        { title: "Saved at, UTC", cell: (book) => utc(book.savedAt) },
        {
          title: "Remove",
          cell: ({ name }) =>
            h(
              "button",
              { type: "button", class: "quiet", onclick: () => void remove(name, shelf) },
              "Remove",
              h("span", { class: "visually-hidden" }, ` ${name} from this browser`),
            ),
        },
      ],
      kept,
      { caption: "Books of this browser, those saved last first", pageSize: 1000 },
    );
    fill(shelf, table);
  }

  async function remove(name: string, shelf: HTMLElement): Promise<void> {
    if (!(await actions.mayOverwrite(name))) return;
    saving.shelf.remove(name);
    showShelf(shelf);
  }
}
