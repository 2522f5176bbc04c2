/** What a simulated portfolio may be expected to earn. */

import type { Plan } from "../api/types";

type DriftChoice = NonNullable<Plan["monte_carlo"]["drift"]>["choice"];

/** Each choice with its words. */
export const GROWTH: readonly (readonly [DriftChoice, string])[] = [
  ["posterior", "Risk-free rate, and what the history supports"],
  ["sample", "As in the history"],
  ["forecast", "As forecast"],
  ["risk_free_plus_premium", "Risk-free rate and a premium for risk"],
  ["zero_excess", "Risk-free rate"],
];

/** The choice of a simulation in the words in which it was made; the name of one that a later service knows. */
export function growthInWords(choice: DriftChoice): string {
  return GROWTH.find(([own]) => own === choice)?.[1] ?? choice;
}
