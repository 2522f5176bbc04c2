/** The axis of a series in time: dates where they were told, and trading days counted where not. */

import { integer } from "../format";

export interface Days {
  isDated: boolean;
  /** One value in words; the value 0 stands before the first return. */
  day: (t: number) => string;
  /** The whole series: "from 2026-01-05 to 2026-01-07". */
  period: string;
}

/** `length` values, the first of them before the first return; `dates` are those of the returns. */
export function daysOf(dates: readonly string[], length: number): Days {
  const isDated = length > 1 && dates.length === length - 1;
  if (!isDated) return { isDated, day: (t) => `day ${integer(t)}`, period: `over ${length - 1} trading days` };
  return {
    isDated,
    day: (t) => (t > 0 ? (dates[t - 1] ?? "") : `before ${dates[0]}`),
    period: `from ${dates[0]} to ${dates.at(-1)}`,
  };
}
