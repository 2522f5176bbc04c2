/** Where the draft is saved under its name, and what came of it in words. No elements: the view shows what is said. */

import { failureOf, type Failure } from "../api/client";
import type { Fault, PlanRequest } from "../api/types";
import type { Draft } from "../portfolio/draft";
import { textOf } from "../portfolio/keep";
import { draftOf, requestOf } from "../portfolio/wire";
import type { Session } from "../session";
import { books, isGone, isStale, keptOf, type BookSummary, type StoredBook } from "./service";
import { MOST_BOOKS, MOST_NAME, Shelf, type Kept, type ShelvedBook, type Shelving } from "./shelf";

export interface Told {
  good: boolean;
  text: string;
  /** A version of the service that may be loaded in the draft's place. */
  newer?: string;
}

export interface Surroundings {
  /** When it is now, ISO 8601, UTC. */
  now: () => string;
  /** A text that no other call gives. */
  newKey: () => string;
  service: Pick<typeof books, "list" | "read" | "create" | "replace" | "close">;
}

const MACHINE: Surroundings = {
  now: () => new Date().toISOString(),
  newKey: () => `book-${Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join("")}`,
  service: books,
};

const NAMELESS = "Give the book a title first: it is saved under it.";
const NOT_KEPT: Record<Exclude<Shelving, "kept">, string> = {
  "too many": `This browser keeps ${MOST_BOOKS} books and holds that many: remove one under Open book, or save it in the service.`,
  "too large": "The books of this browser would be too large with it: remove one under Open book, or save it in the service.",
  refused: "This browser does not let the page keep books: save it in the service.",
};

export class Saving {
  readonly shelf: Shelf;
  readonly #session: Session;
  readonly #machine: Surroundings;
  /** Where the book of the draft is in the service, under the name it had then. The shelf may have no room for it. */
  #opened: { name: string; kept: Kept | undefined } | undefined;
  /** The draft that was put into the editor from here. */
  #loaded: Draft | undefined;
  /** The key of a creation that may have to be sent again. */
  #creation: { body: string; key: string } | undefined;

  constructor(session: Session, shelf: Shelf = new Shelf(), machine: Surroundings = MACHINE) {
    this.#session = session;
    this.shelf = shelf;
    this.#machine = machine;
    session.on("draft", () => {
      if (session.isAsLoaded && session.draft !== this.#loaded) this.#recognise();
    });
  }

  /** The name under which the draft is saved; empty where it has none. */
  get name(): string {
    return this.#session.draft.name.trim().slice(0, MOST_NAME);
  }

  /** A book of this name on the shelf that is not the one in the editor. */
  get takesPlace(): boolean {
    const { name } = this;
    return name !== "" && name !== this.#opened?.name && this.shelf.find(name) !== undefined;
  }

  /** Puts the draft on the shelf of this browser. */
  here(): Told {
    const { name } = this;
    if (name === "") return { good: false, text: NAMELESS };
    const outcome = this.#keep(name, this.#known(name));
    if (outcome !== "kept") return { good: false, text: NOT_KEPT[outcome] };
    this.#session.markSafe(this.#session.draft);
    this.#opened = { name, kept: this.#known(name) };
    return { good: true, text: `“${name}” is saved in this browser.` };
  }

  /** Saves the draft in the service, as the next version of the book of its name or as a new book. */
  async inService(): Promise<Told | { refused: Failure }> {
    const { name } = this;
    if (name === "") return { good: false, text: NAMELESS };
    const { draft } = this.#session;
    const request = requestOf(draft);
    const known = this.#known(name);
    try {
      if (!known) {
        const other = await this.#namesake(name);
        if (other) return this.#taken(other);
      }
      const book = known ? await this.#machine.service.replace(known, name, request) : await this.#create(name, request);
      this.#creation = undefined;
      this.#session.markSafe(draft);
      if (this.#session.draft === draft) this.#opened = { name, kept: keptOf(book) };
      const here = this.#keep(name, keptOf(book), draft) === "kept" ? " and in this browser" : "";
      return { good: true, text: `“${name}” is saved in the service as version ${book.version}${here}.` };
    } catch (error) {
      if (known && isStale(error)) return stale(name, known);
      if (known && isGone(error)) return this.#gone(name);
      const failure = failureOf(error);
      if (failure.kind === "refused" && failure.faults.length > 0)
        return { refused: { ...failure, faults: failure.faults.flatMap(ofRequest) } };
      return { good: false, text: `${failure.title}. ${failure.detail}` };
    }
  }

  /** Puts a book of this browser into the editor. */
  openHere(book: ShelvedBook): Told {
    this.#load(book.draft, book.name, book.kept);
    return { good: true, text: `“${book.name}” is open, as it was saved in this browser.` };
  }

  /** Puts the latest version of a book of the service into the editor. */
  async openFromService(portfolioId: string): Promise<Told> {
    try {
      const book = await this.#machine.service.read(portfolioId);
      this.#load({ ...draftOf(book.request), name: book.name }, book.name, keptOf(book));
      // What is saved here under this name is the reader's own.
      if (!this.shelf.find(book.name)) this.#keep(book.name, keptOf(book));
      return { good: true, text: `“${book.name}” is open: version ${book.version} of the service.` };
    } catch (error) {
      const { title, detail } = failureOf(error);
      return { good: false, text: `${title}. ${detail}` };
    }
  }

  /** Closes a book of the service, in the version that the reader saw. What this browser has of it stays. */
  async closeInService(book: BookSummary): Promise<Told> {
    try {
      await this.#machine.service.close(book);
    } catch (error) {
      if (isStale(error))
        return { good: false, text: `Someone saved a newer version of “${book.name}” meanwhile: it was not closed.` };
      if (!isGone(error)) {
        const { title, detail } = failureOf(error);
        return { good: false, text: `${title}. ${detail}` };
      }
    }
    this.shelf.forget(book.portfolio_id);
    if (this.#opened?.kept?.portfolioId === book.portfolio_id) this.#opened = { ...this.#opened, kept: undefined };
    return { good: true, text: `“${book.name}” is closed in the service. Its versions stay in the audit trail.` };
  }

  /** A file, an example or a stored plan in the editor is another book; what the shelf holds as it is, is the book of the shelf. */
  #recognise(): void {
    const same = this.shelf.find(this.name);
    const isKept = same !== undefined && textOf(same.draft) === textOf(this.#session.draft);
    this.#opened = isKept ? { name: same.name, kept: same.kept } : undefined;
    if (isKept) this.#session.markSafe(this.#session.draft);
  }

  #load(draft: Draft, name: string, kept: Kept | undefined): void {
    this.#loaded = draft;
    this.#session.replace(draft);
    this.#opened = { name, kept };
  }

  /** The version that a write of the draft builds on. */
  #known(name: string): Kept | undefined {
    return this.#opened?.name === name ? this.#opened.kept : this.shelf.find(name)?.kept;
  }

  #keep(name: string, kept: Kept | undefined, draft = this.#session.draft): Shelving {
    return this.shelf.save({ name, savedAt: this.#machine.now(), draft, kept });
  }

  /** A book of the service with exactly this name, which this browser did not save there. */
  async #namesake(name: string): Promise<BookSummary | undefined> {
    if (this.#creation?.body !== undefined && this.#creation.body === bodyOf(name, requestOf(this.#session.draft)))
      return undefined;
    const { items } = await this.#machine.service.list(undefined, name);
    return items.find((book) => book.name === name);
  }

  #taken({ portfolio_id, version, name }: BookSummary): Told {
    return {
      good: false,
      text: `The service has a book “${name}” already, version ${version}: load it, or save yours under another title.`,
      newer: portfolio_id,
    };
  }

  #create(name: string, request: PlanRequest): Promise<StoredBook> {
    const body = bodyOf(name, request);
    if (this.#creation?.body !== body) this.#creation = { body, key: this.#machine.newKey() };
    return this.#machine.service.create(name, request, this.#creation.key);
  }

  /** The book was closed: what is here stays, and the next save makes a new book. */
  #gone(name: string): Told {
    this.#opened = undefined;
    this.#keep(name, undefined);
    return {
      good: false,
      text: `“${name}” was closed in the service meanwhile. Save it in the service again to make a new book of it.`,
    };
  }
}

function stale(name: string, known: Kept): Told {
  return {
    good: false,
    text: `Someone saved a newer version of “${name}”: load it, or save yours under another title. Nothing of yours was stored.`,
    newer: known.portfolioId,
  };
}

function bodyOf(name: string, request: PlanRequest): string {
  return JSON.stringify({ name, request });
}

/** A fault of the body of a book as one of its request, whose fields the page has; the name is the title. */
function ofRequest(fault: Fault): Fault[] {
  const { pointer } = fault;
  if (typeof pointer !== "string") return [fault];
  return [{ ...fault, pointer: pointer.startsWith("/request") ? pointer.slice("/request".length) : pointer }];
}
