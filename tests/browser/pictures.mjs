// Pictures of a size that a repository can hold: at most 256 colours, which a page of text and lines does not show.
//
//     node pictures.mjs FILE.png…   writes files anew that have more
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import UPNG from "upng-js";

const COLOURS = 256;

/** The same picture with a palette. The same bytes in give the same bytes out; what would not become smaller stays as it is. */
export function withPalette(png) {
  const picture = UPNG.decode(png);
  const packed = Buffer.from(UPNG.encode([UPNG.toRGBA8(picture)[0]], picture.width, picture.height, COLOURS));
  return packed.length < png.length ? packed : png;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const path of process.argv.slice(2)) writeFileSync(path, withPalette(readFileSync(path)));
}
