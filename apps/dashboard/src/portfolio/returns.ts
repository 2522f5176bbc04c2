/** A history as people paste it: returns one per line, with either decimal mark; prices are recognised and turned into returns. */

import { readTyped } from "./typed";

export interface ReadReturns {
  /** Numbers, and the text of what is none. */
  returns: (number | string)[];
  /** The returns that the same figures give when they are prices; nothing where they cannot be prices. */
  fromPrices: number[] | undefined;
}

/** A median this large is no daily return of any market. */
const IMPLAUSIBLE_RETURN = 0.5;

export function readReturns(text: string): ReadReturns {
  const returns = figures(text).map((figure) => {
    const typed = readTyped(figure);
    if (typed.kind === "number") return typed.percent ? Number(typed.text) / 100 : Number(typed.text);
    return figure;
  });
  return { returns, fromPrices: pricesAsReturns(returns) };
}

/** A comma separates figures only where their decimals have a point: in `-0,02` it is the decimal mark. */
function figures(text: string): string[] {
  const parts = text.split(/[\s;]+/).filter((part) => part !== "");
  const commaSeparates = text.includes(".") || parts.some((part) => /,$|,-|(^|,)-?\d+,(?!\d)/.test(part));
  return commaSeparates ? parts.flatMap((part) => part.split(",")).filter((part) => part !== "") : parts;
}

function pricesAsReturns(values: readonly (number | string)[]): number[] | undefined {
  const numbers = values.filter((value): value is number => typeof value === "number");
  if (numbers.length !== values.length || numbers.length < 3 || numbers.some((value) => value <= 0)) return undefined;
  const middle = [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
  if (middle < IMPLAUSIBLE_RETURN) return undefined;
  return numbers.slice(1).map((price, i) => price / (numbers[i] ?? price) - 1);
}
