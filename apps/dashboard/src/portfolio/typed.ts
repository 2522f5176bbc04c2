/**
 * Numbers as people type them: `147,679.94`, `1.234,50`, `67 500`, `$35.33`, `(3.2)`, `14.74%`. A mark that can separate
 * thousands as well as decimals is a question and never a guess: `41,244` alone is 41244 or 41.244.
 */

import { isNumber } from "./decimal";

/** The decimal mark a column or a field is written with. */
export type DecimalMark = "." | ",";

export type Typed =
  /** Plain decimal text, and whether a percent sign stood with it. */
  | { kind: "number"; text: string; percent: boolean }
  /** Both readings as plain decimal text. */
  | { kind: "ambiguous"; thousands: string; decimal: string; percent: boolean }
  | { kind: "none" };

const SPACES = /[\s\u00a0\u202f'’]/g;
const NONE: Typed = { kind: "none" };

/** Reads `text`; `mark` is what other numbers beside it prove, if anything. */
export function readTyped(text: string, mark?: DecimalMark): Typed {
  const percent = /%\s*$/.test(text);
  const bare = text
    .trim()
    .replace("−", "-")
    .replace(/\s*%$/, "")
    .replace(/^\((.*)\)$/, "-$1")
    .replace(/^([+-]?)\s*[$€£¥]\s*|\s*[$€£¥]$/g, "$1")
    .trim();
  const digits = bare.replace(SPACES, "");
  // Spaces and apostrophes separate thousands only: "1 2" is not twelve.
  if (digits !== bare && !/^[+-]?\d{1,3}(?:[\s\u00a0\u202f'’]\d{3})+(?:[.,]\d+)?$/.test(bare)) return NONE;
  const number = (value: string): Typed => (isNumber(value) ? { kind: "number", text: value, percent } : NONE);
  const grouped = digits !== bare;
  if (/^[+-]?\d{1,3}(?:,\d{3})*\.\d+$/.test(digits) && digits.includes(",")) return number(digits.replaceAll(",", ""));
  if (/^[+-]?\d{1,3}(?:\.\d{3})*,\d+$/.test(digits) && digits.includes("."))
    return number(digits.replaceAll(".", "").replace(",", "."));
  if (/^[+-]?\d{1,3}(?:,\d{3}){2,}$/.test(digits)) return number(digits.replaceAll(",", ""));
  if (/^[+-]?\d{1,3}(?:\.\d{3}){2,}$/.test(digits)) return number(digits.replaceAll(".", ""));
  if (/^[+-]?\d*,\d+$/.test(digits)) {
    const asDecimal = digits.replace(",", ".");
    const couldGroup = !grouped && /^[+-]?[1-9]\d{0,2},\d{3}$/.test(digits);
    if (!couldGroup || mark === ",") return number(asDecimal);
    const asThousands = digits.replace(",", "");
    return mark === "." ? number(asThousands) : { kind: "ambiguous", thousands: asThousands, decimal: asDecimal, percent };
  }
  if (mark === "," && /^[+-]?[1-9]\d{0,2}\.\d{3}$/.test(digits)) return number(digits.replace(".", ""));
  return number(digits);
}

/** The decimal mark that some cell of a column proves; nothing where none does, or where they contradict each other. */
export function markOf(cells: readonly string[]): DecimalMark | undefined {
  const proven = new Set<DecimalMark>();
  for (const cell of cells) {
    const digits = cell.replace(SPACES, "").replace(/[%$€£¥()−+-]/g, "");
    if (!/^[\d.,]+$/.test(digits)) continue;
    const [point, comma] = [digits.lastIndexOf("."), digits.lastIndexOf(",")];
    const many = (mark: string): boolean => digits.split(mark).length > 2;
    if (point >= 0 && comma >= 0) proven.add(point > comma ? "." : ",");
    else if (comma >= 0 && many(",")) proven.add(".");
    else if (point >= 0 && many(".")) proven.add(",");
    else if (comma >= 0 && !/^[1-9]\d{0,2},\d{3}$/.test(digits)) proven.add(",");
    else if (point >= 0 && !/^[1-9]\d{0,2}\.\d{3}$/.test(digits)) proven.add(".");
  }
  return proven.size === 1 ? [...proven][0] : undefined;
}
