/** Wealth and drawdown of the policies of a backtest on one axis of days. */

import type { BacktestResult } from "../api/types";
import type { Drawing, KeyEntry } from "../charts/frame";
import { drawdownDrawing, growthDrawing, type Line } from "../charts/history";

/** Colour and dash of the curves, in the order of the policies: told apart without colour too. */
const STYLES: readonly Pick<Line, "colour" | "dash">[] = [
  { colour: "now" },
  { colour: "after" },
  { colour: "target" },
  { colour: "accent", dash: true },
  { colour: "negative", dash: true },
  { colour: "after", dash: true },
];

function linesOf(results: readonly BacktestResult[], values: (result: BacktestResult) => readonly number[]): Line[] {
  return results.map((result, i) => ({
    name: result.name,
    ...(STYLES[i % STYLES.length] ?? { colour: "now" }),
    values: values(result),
  }));
}

/** Names beside their marks. */
export function keyOf(results: readonly BacktestResult[]): KeyEntry[] {
  return results.map(({ name }, i) => {
    const { colour, dash } = STYLES[i % STYLES.length] ?? { colour: "now" };
    return { label: name, mark: `key-line ${colour}${dash ? " dashed" : ""}` };
  });
}

/** `dates`: of the returns from the first decision on, where they have any. */
export function wealthDrawing(results: readonly BacktestResult[], dates?: readonly string[]): Drawing {
  return growthDrawing(
    linesOf(results, (result) => result.wealth),
    dates,
  );
}

/** The drawdown as a fall below zero, as the risk panel draws it. */
export function fallDrawing(results: readonly BacktestResult[], dates?: readonly string[]): Drawing {
  return drawdownDrawing(
    linesOf(results, (result) => result.drawdown.map((fall) => -fall)),
    dates,
  );
}
