/** The named books of this browser: of bounded number and size, each in the form in which the last book is kept. */

import type { Draft } from "../portfolio/draft";
import { draftFrom, textOf } from "../portfolio/keep";

const PLACE = "rebalancer.books";
const VERSION = 1;
/** Books of one browser. */
export const MOST_BOOKS = 50;
/** Characters of all of them; browsers give a page about five million, two of which are the last book's. */
const MOST_CHARACTERS = 2_500_000;
/** Characters that the service takes as a name. */
export const MOST_NAME = 120;

type Store = Pick<Storage, "getItem" | "setItem">;

/** Where a book is in the service, and the version that this browser knows. */
export interface Kept {
  portfolioId: string;
  version: number;
  /** SHA-256 of the version: its ETag without the quotes. */
  digest: string;
}

export interface ShelvedBook {
  name: string;
  /** When it was saved here, UTC. */
  savedAt: string;
  draft: Draft;
  /** Absent for a book that is in this browser only. */
  kept: Kept | undefined;
}

interface Row {
  name: string;
  savedAt: string;
  /** The draft, as `keep.ts` writes it. */
  text: string;
  kept?: Kept;
}

export type Shelving = "kept" | "too many" | "too large" | "refused";

/** Books by name, those saved last first. */
export class Shelf {
  readonly #store: Store | undefined;

  constructor(store: Store | undefined = browserStore()) {
    this.#store = store;
  }

  list(): ShelvedBook[] {
    return this.#rows().flatMap((row) => {
      const draft = draftFrom(row.text);
      return draft ? [{ name: row.name, savedAt: row.savedAt, draft, kept: row.kept }] : [];
    });
  }

  find(name: string): ShelvedBook | undefined {
    return this.list().find((book) => book.name === name);
  }

  /** Puts a book on the shelf in the place of the one of its name. The others stay, whatever comes of it. */
  save(book: ShelvedBook): Shelving {
    const others = this.#rows().filter(({ name }) => name !== book.name);
    if (others.length >= MOST_BOOKS) return "too many";
    const row: Row = { name: book.name, savedAt: book.savedAt, text: textOf(book.draft), ...(book.kept && { kept: book.kept }) };
    return this.#write([row, ...others]);
  }

  remove(name: string): void {
    this.#write(this.#rows().filter((row) => row.name !== name));
  }

  /** A book of the service was closed: what is here of it is in this browser only. */
  forget(portfolioId: string): void {
    const rows = this.#rows();
    if (!rows.some((row) => row.kept?.portfolioId === portfolioId)) return;
    this.#write(rows.map(({ kept, ...row }) => (kept && kept.portfolioId !== portfolioId ? { ...row, kept } : row)));
  }

  #rows(): Row[] {
    try {
      const { version, books } = JSON.parse(this.#store?.getItem(PLACE) ?? "null") as { version?: unknown; books?: unknown };
      return version === VERSION && Array.isArray(books) ? books.filter(isRow) : [];
    } catch {
      return [];
    }
  }

  #write(books: Row[]): Shelving {
    const text = JSON.stringify({ version: VERSION, books });
    if (text.length > MOST_CHARACTERS) return "too large";
    if (!this.#store) return "refused";
    try {
      this.#store.setItem(PLACE, text);
      return "kept";
    } catch {
      return "refused";
    }
  }
}

function isRow(row: unknown): row is Row {
  const { name, savedAt, text, kept } = (row ?? {}) as Partial<Record<keyof Row, unknown>>;
  return [name, savedAt, text].every((member) => typeof member === "string") && (kept === undefined || isKept(kept));
}

function isKept(kept: unknown): kept is Kept {
  const { portfolioId, version, digest } = (kept ?? {}) as Partial<Record<keyof Kept, unknown>>;
  return typeof portfolioId === "string" && typeof version === "number" && /^[0-9a-f]{64}$/.test(String(digest));
}

/** Nothing where the browser refuses even to name its storage. */
function browserStore(): Store | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}
