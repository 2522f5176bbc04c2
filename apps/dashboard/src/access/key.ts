/** The API key of this page. It is kept in memory only: closing or loading the page forgets it. */

/** Asks the reader for a key; `refused` when the one that was sent is not valid. Nothing when there is none to give. */
export type AskForKey = (refused: boolean) => Promise<string | undefined>;

let held: string | undefined;
let ask: AskForKey | undefined;
let asking: Promise<string | undefined> | undefined;

/** From now on the reader is asked with this; nothing is held. */
export function askForKeyWith(asker: AskForKey | undefined): void {
  ask = asker;
  held = undefined;
}

export function heldKey(): string | undefined {
  return held;
}

/** Headers of a request that is sent with a key, where there is one. */
export function withKey(headers: Readonly<Record<string, string>>, key: string | undefined): Record<string, string> {
  return key === undefined ? { ...headers } : { ...headers, Authorization: `Bearer ${key}` };
}

/**
 * After a request that was sent with `sent` was answered 401: whether there is another key to send it with. Several requests that
 * are refused at once ask once. A reader who has none is not asked again before the page is loaded anew.
 */
export async function hasAnotherKey(sent: string | undefined): Promise<boolean> {
  if (held === sent) {
    if (!ask) return false;
    asking ??= ask(sent !== undefined).finally(() => (asking = undefined));
    const given = await asking;
    if (given === undefined) ask = undefined;
    held = given;
  }
  return held !== undefined && held !== sent;
}
