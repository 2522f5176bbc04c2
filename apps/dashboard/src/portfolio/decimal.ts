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
