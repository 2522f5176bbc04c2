/** A sum as a waterfall: each part from where the one before it ends, the whole at the end. */

import { axisStyle, namedAxis, textSize, tooltipText, type Drawing } from "./frame";
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
      yAxis: {
        type: "category",
        inverse: true,
        data: bars.map((bar) => bar.name),
        ...axisStyle(colours),
        axisLine: { show: true, onZero: true, lineStyle: { color: colours.edge } },
        axisLabel: { color: colours.text, fontSize: textSize(), interval: 0 },
        splitLine: { show: false },
      },
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "shadow", shadowStyle: { opacity: 0.08 } },
        formatter: (items: unknown) => {
          const at = Array.isArray(items) ? (items[0] as { dataIndex?: number } | undefined)?.dataIndex : undefined;
          const bar = at === undefined ? undefined : bars[at];
          return bar ? tooltipText(fall.tip(bar)) : "";
        },
      },
      series: [
        {
          type: "custom",
          data: bars.map((bar, i) => [i, bar.from, bar.to]),
          encode: { x: [1, 2], y: 0 },
          renderItem: (_: unknown, api: { value: (at: number) => number; coord: (at: [number, number]) => [number, number] }) => {
            const bar = bars[api.value(0)];
            const [x, y] = api.coord([api.value(1), api.value(0)]);
            const [end] = api.coord([api.value(2), api.value(0)]);
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
