/** A forecast as a sum: its base and what each feature adds. */

import type { Plan } from "../api/types";
import { percent } from "../format";
import { barsOf, type Bar } from "./bars";

export type Explained = NonNullable<Plan["house_view"]["asset_forecasts"][number]["explanation"]>;

/** Trading days of a year, as the service annualises forecasts. */
const DAYS = 252;

/** `return_of_a_month` as `Return of a month`. */
export function featureInWords(feature: string): string {
  const words = feature.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Base, contributions and their sum, in percent a year. */
export function explanationBars(explained: Explained): Bar[] {
  const annual = (value: number): number => 100 * DAYS * value;
  const parts = explained.contributions.map(
    ({ feature, contribution }) => [featureInWords(feature), annual(contribution)] as const,
  );
  const all = [["All assets", annual(explained.base)] as const, ...parts];
  const sum = all.reduce((total, [, value]) => total + value, 0);
  return barsOf(all, ["Forecast", sum]);
}

/** A bar in percent a year. */
export function yearly(bar: Bar): string {
  return percent(bar.value / 100, 2);
}

export function inWords(asset: string, bars: readonly Bar[]): string {
  const whole = bars.at(-1);
  const parts = bars.slice(0, -1).map((bar) => `${bar.name.toLowerCase()} ${yearly(bar)}`);
  return `Forecast of ${asset}, ${whole ? yearly(whole) : ""} a year, as a sum: ${parts.join(", ")}.`;
}
