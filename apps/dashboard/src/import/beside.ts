/** The positions of a file and those of the book in the editor, side by side. */

import type { ImportPosition, ImportReading } from "../api/types";
import type { Draft, DraftAsset } from "../portfolio/draft";
import { holdingsOf } from "../portfolio/holdings";
import { merged } from "./book";

export interface Beside {
  asset: string;
  /** Nothing for an asset that only the book has. */
  file: ImportPosition | undefined;
  /** Nothing for an asset that only the file has. */
  mine: DraftAsset | undefined;
  /** Weight in the book, a fraction. */
  mineWeight: number | undefined;
}

/** Assets of the file in its order, then those that only the book has. */
export function besideOld({ positions }: Pick<ImportReading, "positions">, old: Draft): Beside[] {
  const weights = holdingsOf(old).rows;
  const rest = new Map(old.assets.map((row) => [row.asset.trim(), row]));
  const rows = merged(positions).map((file): Beside => {
    const mine = rest.get(file.asset);
    rest.delete(file.asset);
    return { asset: file.asset, file, mine, mineWeight: mine && weights.get(mine.key)?.weight };
  });
  const only = [...rest.values()].map((mine): Beside => ({
    asset: mine.asset,
    file: undefined,
    mine,
    mineWeight: weights.get(mine.key)?.weight,
  }));
  return [...rows, ...only];
}

/** Value and cash of the book; nothing while there is none. */
export function navOf(old: Draft): { nav: number; cash: number } | undefined {
  return old.assets.length === 0 ? undefined : holdingsOf(old);
}
