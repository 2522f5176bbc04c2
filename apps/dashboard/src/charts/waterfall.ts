/** A sum as a waterfall: each part from where the one before it ends, the whole at the end. */

import { namedAxis, textSize, type Drawing } from "./frame";
import { rowAxis, rowTooltip } from "./rows";
import type { Bar } from "../display/bars";
import { decimal, tickDigits } from "../format";

export interface Waterfall<B extends Bar> {
  bars: readonly B[];
  /** The unit of the axis. */
  axis: string;
  /** Whether more is better: it decides the colours of the parts. */
  isGain: boolean;
  /** The figure beside a bar. */
  label: (bar: B) => string;
  /** What a pointer on a bar is told. */
  tip: (bar: B) => string;
}

export function waterfallOption<B extends Bar>(fall: Waterfall<B>): Drawing["option"] {
  const { bars } = fall;
  const ends = bars.flatMap(({ from, to }) => [from, to]);
  const digits = tickDigits(Math.max(...ends) - Math.min(...ends));
  return ({ colours, width }) => {
    const narrow = width < 520;
    const fillOf = (bar: B): string =>
      bar.isWhole ? colours.after : bar.value > 0 === fall.isGain ? colours.positive : colours.negative;
    return {
      grid: { left: textSize(narrow ? 84 : 110), right: textSize(narrow ? 64 : 96), top: 8, bottom: textSize(44) },
      xAxis: { ...namedAxis(colours, fall.axis, (value) => decimal(value, digits)), splitNumber: narrow ? 3 : 5 },
      yAxis: rowAxis(
        colours,
        bars.map((bar) => bar.name),
        true,
      ),
      tooltip: rowTooltip(bars, fall.tip),
      series: [
        {
          type: "custom",
          data: bars.map((bar, i) => [bar.from, bar.to, i]),
          encode: { x: [0, 1], y: 2 },
          renderItem: (_: unknown, api: { value: (at: number) => number; coord: (at: [number, number]) => [number, number] }) => {
            const row = api.value(2);
            const bar = bars[row];
            const [x, y] = api.coord([api.value(0), row]);
            const [end] = api.coord([api.value(1), row]);
            const height = textSize(20);
            if (!bar) return undefined;
            return {
              type: "group",
              children: [
                {
                  type: "rect",
                  shape: { x: Math.min(x, end), y: y - height / 2, width: Math.max(1.5, Math.abs(end - x)), height },
                  style: { fill: fillOf(bar) },
                },
                {
                  type: "text",
                  style: {
                    text: fall.label(bar),
                    x: Math.max(x, end) + 6,
                    y,
                    verticalAlign: "middle",
                    fill: colours.text,
                    fontSize: textSize(),
                  },
                },
              ],
            };
          },
        },
      ] as never,
    };
  };
}
