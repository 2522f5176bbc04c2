/** Growth and drawdown of weights held at a constant mix over the histories that were sent. */

import { dataTable } from "../dom/table";
import type { Palette } from "../dom/theme";
import { decimal, integer, percent, tickDigits } from "../format";
import { daysOf } from "./days";
import { axisStyle, namedAxis, textSize, tooltipText, type Drawing } from "./frame";

export interface Line {
  name: string;
  colour: keyof Palette;
  dash?: boolean;
  values: readonly number[];
}

interface Style {
  what: string;
  format: (value: number | undefined) => string;
  /** Labels of the value axis, whose ends are `span` apart. */
  tick: (value: number, span: number) => string;
  height: number;
  area?: boolean;
}

/** `dates`: that of each return; empty where nobody said, and the axis then counts trading days. */
export function growthDrawing(lines: readonly Line[], dates: readonly string[] = []): Drawing {
  return linesDrawing(lines, dates, {
    what: "Growth of one unit",
    format: (v) => decimal(v, 3),
    tick: (v, span) => decimal(v, tickDigits(span, 2)),
    height: 240,
  });
}

export function drawdownDrawing(lines: readonly Line[], dates: readonly string[] = []): Drawing {
  return linesDrawing(lines, dates, {
    what: "Fall from the highest value so far",
    format: (v) => percent(v, 1),
    tick: (v, span) => percent(v, tickDigits(100 * span)),
    height: 200,
    area: true,
  });
}

function linesDrawing(lines: readonly Line[], dates: readonly string[], style: Style): Drawing {
  const length = lines[0]?.values.length ?? 0;
  const { isDated, day, period } = daysOf(dates, length);
  const lowest = Math.min(...lines.map((l) => Math.min(...l.values)));
  const span = Math.max(...lines.map((l) => Math.max(...l.values))) - lowest;
  const ends = lines.map(
    (l) => `${l.name} ends at ${style.format(l.values.at(-1))}, lowest ${style.format(Math.min(...l.values))}.`,
  );
  return {
    description: `${style.what} ${period}. ${ends.join(" ")}`,
    height: style.height,
    table: () =>
      dataTable<number>(
        [
          { title: isDated ? "Date" : "Day", heading: true, cell: (t) => (isDated ? day(t) : integer(t)) },
          ...lines.map((line) => ({ title: line.name, numeric: true, cell: (t: number) => style.format(line.values[t]) })),
        ],
        Array.from({ length }, (_, t) => t),
        { caption: `${style.what}, by trading day` },
      ),
    option: ({ colours }) => ({
      grid: { left: textSize(56), right: 16, top: 12, bottom: textSize(40) },
      xAxis: {
        ...namedAxis(colours, isDated ? "date" : "trading days"),
        min: 0,
        max: Math.max(1, length - 1),
        axisLabel: {
          ...axisStyle(colours).axisLabel,
          showMaxLabel: false,
          ...(isDated ? { formatter: (t: number) => (t > 0 ? (dates[Math.round(t) - 1]?.slice(0, 7) ?? "") : "") } : {}),
        },
        splitLine: { show: false },
      },
      yAxis: {
        type: "value",
        scale: true,
        ...(style.area ? { max: 0 } : {}),
        ...axisStyle(colours),
        axisLabel: { color: colours.muted, fontSize: textSize(), formatter: (v: number) => style.tick(v, span) },
      },
      tooltip: {
        trigger: "axis",
        formatter: (items: unknown) => {
          const t = (Array.isArray(items) ? (items[0] as { value?: number[] } | undefined)?.value?.[0] : undefined) ?? 0;
          return tooltipText([day(t), ...lines.map((l) => `${l.name} ${style.format(l.values[t])}`)].join("\n"));
        },
      },
      series: lines.map((line) => ({
        name: line.name,
        type: "line",
        showSymbol: false,
        data: line.values.map((value, t) => [t, value]),
        itemStyle: { color: colours[line.colour] },
        lineStyle: { color: colours[line.colour], width: 2, type: line.dash ? "dashed" : "solid" },
        ...(style.area && !line.dash ? { areaStyle: { color: colours[line.colour], opacity: 0.12 } } : {}),
      })) as never,
    }),
  };
}
