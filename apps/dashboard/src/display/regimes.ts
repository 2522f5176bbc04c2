/** What a fit of two states says of a portfolio, for the panel of regimes. */

import type { Regimes } from "../api/types";
import { decimal, percent } from "../format";

/** Trading days of a year, by which a daily volatility is made annual. */
const DAYS = 252;

/** The fewest returns that two states are fitted to. */
export const FEWEST = 120;

/** Probability of the turbulent state, the one of the largest variance, after each return by what was known then. */
export function turbulence(fit: Pick<Regimes, "filtered">): number[] {
  return fit.filtered.map((row) => row.at(-1) ?? 0);
}

/** The two states and the coming day, in sentences. */
export function sentences(fit: Regimes): string[] {
  const [calm = 0, rough = 0] = fit.variances.map((variance) => Math.sqrt(DAYS * variance));
  const [calmDays, roughDays] = fit.expected_durations;
  const lasting = (days: number | null | undefined): string => (days ? `, lasting ${decimal(days, 0)} days on average` : "");
  const told = [
    `Calm: volatility ${percent(calm, 1)} a year${lasting(calmDays)}. Turbulent: ${percent(rough, 1)}${lasting(roughDays)}.`,
    `For the coming day the turbulent state has probability ${percent(fit.predicted.at(-1) ?? 0, 0)}, ` +
      `with an uncertainty of ${percent(fit.predicted_uncertainty, 0)}.`,
  ];
  if (fit.degenerate) told.push("One state explains a few returns only: these are no regimes.");
  return told;
}
