/** The study in which the service counts what is tried on a book: the best of many looks good by chance, whichever request it came in. */

import type { Draft } from "../portfolio/draft";

/** Characters of the readable part of a name. */
const READABLE = 60;

/** The study of a book, by its name, or by its assets where it has none: the same in every browser. `shipped`: of a history that comes with
 * the service. */
export function studyNameOf(draft: Pick<Draft, "name" | "assets">, shipped = ""): string {
  if (shipped !== "") return `shipped-${slug(shipped)}`;
  const name = draft.name.trim();
  const assets = draft.assets.map(({ asset }) => asset.trim()).sort();
  const what = name === "" ? JSON.stringify(assets) : name;
  return `book-${slug(name === "" ? assets.join("-") : name)}-${fingerprint(what)}`;
}

/** What of a text may stand in the name of a study. */
function slug(text: string): string {
  const kept = text.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-");
  return kept
    .replace(/^-+|-+$/g, "")
    .slice(0, READABLE)
    .toLowerCase();
}

/** FNV-1a of 32 bits over UTF-8: two names that read alike are told apart. It protects nothing. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
