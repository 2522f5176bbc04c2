/** Decimal text, moved and read without the rounding of binary floating point. */

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

export function isNumber(text: string): boolean {
  return NUMBER.test(text.trim());
}

/** A number in plain decimal notation. */
export function numberText(value: number): string {
  return shift(String(value), 0);
}

/** Moves the decimal point of a number by `places` to the right: ("0.274241", 2) is "27.4241". Other text stays as it is. */
export function shift(text: string, places: number): string {
  const trimmed = text.trim();
  if (!isNumber(trimmed)) return text;
  const [mantissa = "", exponent = "0"] = trimmed.toLowerCase().split("e");
  const negative = mantissa.startsWith("-");
  const [whole = "", fraction = ""] = mantissa.replace(/^[+-]/, "").split(".");
  const moved = Number(exponent) + places;
  if (Math.abs(moved) > 400) return trimmed;
  let digits = whole + fraction;
  let point = whole.length + moved;
  if (point < 0) {
    digits = "0".repeat(-point) + digits;
    point = 0;
  }
  digits = digits.padEnd(point, "0");
  const left = digits.slice(0, point).replace(/^0+(?=\d)/, "") || "0";
  const right = digits.slice(point).replace(/0+$/, "");
  const result = right ? `${left}.${right}` : left;
  return negative && Number(result) !== 0 ? `-${result}` : result;
}

/**
 * Reads a spreadsheet cell: "1,234.50", "1.234,50", "12 %", "$35.33", "(3.2)". Returns decimal text and whether it was a
 * percentage, or nothing when the cell holds no number.
 */
export function readCell(cell: string): { text: string; percent: boolean } | undefined {
  let text = cell
    .trim()
    .replace(/[\s\u00a0\u202f'’]/g, "")
    .replace("−", "-");
  const percent = text.includes("%");
  text = text.replace(/[%$€£¥]/g, "").replace(/^\((.*)\)$/, "-$1");
  const comma = text.lastIndexOf(",");
  const point = text.lastIndexOf(".");
  if (comma >= 0 && point >= 0) text = comma > point ? text.replaceAll(".", "").replace(",", ".") : text.replaceAll(",", "");
  else if (comma >= 0) text = /^[+-]?\d{1,3}(,\d{3})+$/.test(text) ? text.replaceAll(",", "") : text.replace(",", ".");
  return isNumber(text) ? { text, percent } : undefined;
}
