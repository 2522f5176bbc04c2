/** What a plan is for and how wide its bands are, in words. */

import type { Plan } from "../api/types";
import { money, percent } from "../format";
import { intentInWords } from "./words";

/** The half-width of the bands: one figure where all assets have the same, the range otherwise. */
export function bandInWords({ weights, drift_threshold }: Plan): string {
  const widths = weights.map((w) => w.band_half_width);
  const [least, most] = [Math.min(...widths), Math.max(...widths)].map((width) => percent(width));
  if (widths.length === 0) return percent(drift_threshold);
  return least === most ? `${least}` : `${least} to ${most}, by asset`;
}

/** The intent with its amount, and what could not be raised. */
export function purposeInWords({ intent, currency }: Plan): string {
  const amount = intent.amount === null ? "" : `, ${money(intent.amount, currency)}`;
  const missing = intent.unraised > 0 ? `; ${money(intent.unraised, currency)} could not be raised` : "";
  return `${intentInWords(intent.kind)}${amount}${missing}`;
}
