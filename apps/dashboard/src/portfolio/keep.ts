/** The last book in this browser: there again after a reload, in a form that names its version, and of bounded size. */

import { emptyAsset, emptyDraft, reserveKeys, type Draft, type DraftAsset } from "./draft";

const PLACE = "rebalancer.book";
/** Another form of the draft is another version; a book of an older one is read as far as its members are known. */
const VERSION = 1;
/** Characters of a kept book; browsers give a page about five million for everything. */
const MOST = 2_000_000;

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export function textOf(draft: Draft): string {
  const exposures = draft.exposures.map((exposure) => ({ ...exposure, loadings: [...exposure.loadings] }));
  return JSON.stringify({ version: VERSION, draft: { ...draft, exposures } });
}

/** The draft of a kept text; nothing where it is none. A member of another type takes its default. */
export function draftFrom(kept: string | null): Draft | undefined {
  if (kept === null) return undefined;
  try {
    const { version, draft } = JSON.parse(kept) as { version?: unknown; draft?: Record<string, unknown> };
    if (version !== VERSION || !draft || !Array.isArray(draft["assets"])) return undefined;
    const assets = (draft["assets"] as unknown[]).flatMap((row) => {
      const key = (row as Partial<DraftAsset> | null)?.key;
      return typeof key === "number" ? [{ ...alike(emptyAsset(), row as object), key }] : [];
    });
    reserveKeys(assets);
    const exposures = Array.isArray(draft["exposures"]) ? (draft["exposures"] as object[]) : [];
    return {
      ...alike(emptyDraft(), { ...draft, exposures: [] }),
      exposures: exposures.map((e) => ({ ...e, loadings: new Map((e as { loadings: [number, number][] }).loadings) })) as never,
      assets,
    };
  } catch {
    return undefined;
  }
}

/** The members of `like`, those of the same kind taken from `found`. */
function alike<T extends object>(like: T, found: object): T {
  const kind = (value: unknown): string => (Array.isArray(value) ? "list" : value === null ? "null" : typeof value);
  const of = found as Record<string, unknown>;
  const members = Object.entries(like).map(([name, value]) => [name, kind(of[name]) === kind(value) ? of[name] : value]);
  return Object.fromEntries(members) as T;
}

/** Keeps a draft. Returns whether it is kept: a book that is too large, or a browser that keeps nothing, leaves it to the page to ask. */
export function keepDraft(draft: Draft, store: Store | undefined = browserStore()): boolean {
  const kept = textOf(draft);
  if (!store || kept.length > MOST) return false;
  try {
    store.setItem(PLACE, kept);
    return true;
  } catch {
    return false;
  }
}

export function keptDraft(store: Store | undefined = browserStore()): Draft | undefined {
  try {
    return draftFrom(store?.getItem(PLACE) ?? null);
  } catch {
    return undefined;
  }
}

/** Nothing where the browser refuses even to name its storage. */
function browserStore(): Store | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}
