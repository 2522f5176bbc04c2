/** What drawings with one row a name share: the axis of the names, and what a pointer on a row is told. */

import type { Palette } from "../dom/theme";
import { axisStyle, textSize, tooltipText } from "./frame";

/** The axis of the names, from the top; `hasZeroLine`: a line where the values are zero. */
export function rowAxis(colours: Palette, names: readonly string[], hasZeroLine = false) {
  return {
    type: "category" as const,
    inverse: true,
    data: [...names],
    ...axisStyle(colours),
    ...(hasZeroLine && { axisLine: { show: true, onZero: true, lineStyle: { color: colours.edge } } }),
    axisLabel: { color: colours.text, fontSize: textSize(), interval: 0 },
    splitLine: { show: false },
  };
}

/** Tells `words` of the row under the pointer. The last value of each point is the number of its row, from 0. */
export function rowTooltip<Row>(rows: readonly Row[], words: (row: Row) => string) {
  return {
    trigger: "axis" as const,
    axisPointer: { type: "shadow" as const, shadowStyle: { opacity: 0.08 } },
    formatter: (items: unknown): string => {
      const [first] = Array.isArray(items) ? (items as { value?: unknown[] }[]) : [];
      const at = first?.value?.at(-1);
      const row = typeof at === "number" ? rows[at] : undefined;
      return row === undefined ? "" : tooltipText(words(row));
    },
  };
}
