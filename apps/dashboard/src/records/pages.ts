/** A list of the service that comes in pages: asked for when it is first looked at, continued with its cursor. */

import { failureOf, type Failure } from "../api/client";
import { fill, h } from "../dom/element";

export interface PagedList<Item> {
  element: HTMLElement;
  /** Reads the list from its start. */
  load: () => Promise<void>;
  items: () => readonly Item[];
}

export interface Paging<Item> {
  read: (cursor: string | undefined) => Promise<{ items: Item[]; next_cursor?: string | null }>;
  table: (items: readonly Item[]) => HTMLElement;
  empty: string | (() => string);
  more: string;
  loading: string;
}

export function pagedList<Item>(paging: Paging<Item>): PagedList<Item> {
  const content = h("div");
  const foot = h("div", { class: "pager" });
  const element = h("div", {}, content, foot);
  let items: Item[] = [];
  let next: string | undefined;
  let reading = 0;

  async function read(from: string | undefined): Promise<void> {
    reading += 1;
    const mine = reading;
    element.setAttribute("aria-busy", "true");
    if (items.length === 0) fill(content, h("p", { class: "empty waiting" }, `${paging.loading}…`));
    try {
      const page = await paging.read(from);
      if (mine !== reading) return;
      items = from === undefined ? page.items : [...items, ...page.items];
      next = page.next_cursor ?? undefined;
      show();
    } catch (error) {
      if (mine === reading) trouble(failureOf(error), from);
    } finally {
      if (mine === reading) element.setAttribute("aria-busy", "false");
    }
  }

  function show(): void {
    fill(content, items.length === 0 ? h("p", { class: "empty" }, emptyWords()) : paging.table(items));
    fill(foot, next !== undefined && h("button", { type: "button", onclick: () => void read(next) }, paging.more));
  }

  function emptyWords(): string {
    return typeof paging.empty === "string" ? paging.empty : paging.empty();
  }

  function trouble(failure: Failure, from: string | undefined): void {
    if (items.length === 0) fill(content);
    fill(
      foot,
      h("p", { class: "outcome bad", role: "alert" }, `${failure.title}. ${failure.detail}`),
      h("button", { type: "button", onclick: () => void read(from) }, "Try again"),
    );
  }

  return { element, load: () => read(undefined), items: () => items };
}
