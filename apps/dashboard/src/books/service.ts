/** Named books in the service: `/api/portfolios`. A write names the version that it builds on, so of two writers one wins. */

import { call, remove, wasRefusedAs } from "../api/client";
import type { PlanRequest } from "../api/types";
import type { Kept } from "./shelf";

/** A version of a book in a list. */
export interface BookSummary {
  portfolio_id: string;
  version: number;
  name: string;
  saved_at: string;
  digest: string;
}

/** A version of a book with the request that it stands for. */
export interface StoredBook extends BookSummary {
  request: PlanRequest;
}

export interface BookList {
  items: BookSummary[];
  next_cursor?: string | null;
}

const PLACE = "/api/portfolios";

export const books = {
  /** Open books with every word of `query` in their name; all where it is empty. */
  list: (cursor: string | undefined, query: string): Promise<BookList> => {
    const members = new URLSearchParams({ limit: "25" });
    if (query !== "") members.set("query", query);
    if (cursor) members.set("cursor", cursor);
    return call(`${PLACE}?${members.toString()}`);
  },
  read: (portfolioId: string): Promise<StoredBook> => call(pathOf(portfolioId)),
  /** Sent again with the same key, the book is not stored twice. */
  create: (name: string, request: PlanRequest, key: string): Promise<StoredBook> =>
    call(PLACE, { name, request }, undefined, { "Idempotency-Key": key }),
  /** Stored only where the version known here is still the latest. */
  replace: (kept: Kept, name: string, request: PlanRequest): Promise<StoredBook> =>
    call(pathOf(kept.portfolioId), { name, request }, undefined, { "If-Match": `"${kept.digest}"` }, "PUT"),
  /** Closes a book where the version known here is still the latest: it is listed no more, its versions and their entries stay. */
  close: ({ portfolio_id, digest }: Pick<BookSummary, "portfolio_id" | "digest">): Promise<void> =>
    remove(pathOf(portfolio_id), { "If-Match": `"${digest}"` }),
};

/** Whether somebody saved another version meanwhile. */
export function isStale(error: unknown): boolean {
  return wasRefusedAs(error, "/problems/stale-version");
}

/** Whether the book was closed, or is not in this service. */
export function isGone(error: unknown): boolean {
  return wasRefusedAs(error, "/problems/portfolio-not-found");
}

export function keptOf({ portfolio_id, version, digest }: BookSummary): Kept {
  return { portfolioId: portfolio_id, version, digest };
}

function pathOf(portfolioId: string): string {
  return `${PLACE}/${encodeURIComponent(portfolioId)}`;
}
