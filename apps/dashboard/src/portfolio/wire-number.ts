/** Typed text as a request has it. */

import { shift } from "./decimal";
import { readTyped } from "./typed";

/** Typed text as the wire has it: nothing, a number, or the text itself for the service to refuse. */
export function wire(typed: string, places = 0): number | undefined {
  const trimmed = typed.trim();
  if (trimmed === "") return undefined;
  const read = readTyped(trimmed);
  const isCertain = read.kind === "number" && (!read.percent || places !== 0);
  return isCertain ? Number(shift(read.text, places)) : (trimmed as unknown as number);
}
