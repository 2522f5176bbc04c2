/** Numbers as a person reads them. A missing figure is a dash, a negative one carries a true minus sign. */

export const MISSING = "—";

export type Figure = number | null | undefined;

function plain(value: number, digits: number, least = digits): string {
  const rounded = Number(value.toFixed(digits)) || 0; // no negative zero
  return rounded.toLocaleString("en-US", { minimumFractionDigits: least, maximumFractionDigits: digits }).replace("-", "−");
}

export function decimal(value: Figure, digits = 2): string {
  return value === null || value === undefined ? MISSING : plain(value, digits);
}

/** 0.1234 as 12.34%. */
export function percent(value: Figure, digits = 2): string {
  return value === null || value === undefined ? MISSING : `${plain(value * 100, digits)}%`;
}

/** A difference of weights in percentage points, always signed. */
export function points(value: Figure, digits = 2): string {
  return value === null || value === undefined ? MISSING : `${sign(value * 100, digits)} pp`;
}

/** A fraction as a signed percentage without its unit, for columns that name it. */
export function sign(value: Figure, digits = 2): string {
  if (value === null || value === undefined) return MISSING;
  const text = plain(value, digits);
  return text.startsWith("−") || Number(value.toFixed(digits)) === 0 ? text : `+${text}`;
}

/** A residual near zero: "0", or one significant digit and its power of ten. */
export function tiny(value: Figure): string {
  if (value === null || value === undefined) return MISSING;
  return value === 0 ? "0" : value.toExponential(1).replaceAll("-", "−");
}

/** A time of the service to the second, without its zone: the heading says UTC. */
export function utc(time: string): string {
  return time.replace("T", " ").replace(/(\.\d+)?(Z|\+00:00)$/, "");
}

/** The first digits of a hash or an id, enough to tell two apart. */
export function short(id: string): string {
  return id.length > 12 ? `${id.slice(0, 8)}…` : id;
}

export function integer(value: Figure): string {
  return value === null || value === undefined ? MISSING : plain(value, 0);
}

/** Digits after the point that a currency is counted in. */
export function minorDigits(currency: string): number {
  try {
    return new Intl.NumberFormat("en-US", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** An amount without its currency, for columns that name it. */
export function amount(value: Figure, currency: string): string {
  return value === null || value === undefined ? MISSING : plain(value, minorDigits(currency));
}

/** An amount with its currency. */
export function money(value: Figure, currency: string): string {
  return value === null || value === undefined ? MISSING : `${amount(value, currency)} ${currency}`;
}

export function units(value: Figure): string {
  return value === null || value === undefined ? MISSING : plain(value, 4);
}

/** A price: two digits at least, up to eight where it has them. */
export function price(value: Figure): string {
  return value === null || value === undefined ? MISSING : plain(value, 8, 2);
}

/** A number of units as an order states it: whole ones without decimals, fractions of one with up to eight. */
export function quantity(value: Figure): string {
  return value === null || value === undefined ? MISSING : plain(value, Math.abs(value) < 1 ? 8 : 4, 0);
}

/** Digits after the point that keep the labels of an axis over `span` apart, at least `least`. */
export function tickDigits(span: number, least = 0): number {
  if (!(span > 0) || !Number.isFinite(span)) return least;
  return Math.min(6, Math.max(least, -Math.floor(Math.log10(span / 5))));
}

/** "1 trade", "2 trades". */
export function count(number: number, noun: string): string {
  return `${integer(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** A name for a drawing: one line, of bounded length. */
export function shortName(name: string, length = 24): string {
  const line = [...name.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim()];
  return line.length <= length ? line.join("") : `${line.slice(0, length - 1).join("")}…`;
}
