/** Fans of several models on one axis: where nine paths in ten are, and the median, model by model. */

import type { ModelFan } from "../display/models";
import { dataTable } from "../dom/table";
import type { Palette } from "../dom/theme";
import { decimal, integer, tickDigits } from "../format";
import { axisStyle, namedAxis, textSize, tooltipText, type Drawing } from "./frame";

/** A colour and a dash each, so that no model is told by its colour alone. */
const STYLES: readonly { colour: keyof Palette; dash: "solid" | "dashed" | "dotted" | number[]; mark: string }[] = [
  { colour: "now", dash: "solid", mark: "key-line now" },
  { colour: "target", dash: "dashed", mark: "key-line target dashed" },
  { colour: "after", dash: "solid", mark: "key-line after" },
  { colour: "negative", dash: "dashed", mark: "key-line negative" },
  { colour: "accent", dash: [2, 3], mark: "key-line accent dotted" },
];

/** The mark of a model in the key. */
export function markOf(index: number): string {
  return STYLES[index % STYLES.length]?.mark ?? "key-line";
}

export function fansDrawing(fans: readonly ModelFan[]): Drawing {
  const all = fans.flatMap(({ low, high }) => [...low, ...high]);
  const digits = tickDigits(Math.max(...all) - Math.min(...all), 2);
  const days = fans[0]?.days ?? [];
  const end = days.length - 1;
  const ends = fans.map(({ name, low, high }) => `${name} ${decimal(low[end], 4)} to ${decimal(high[end], 4)}`);
  const rows = fans.flatMap((fan) => days.map((day, i) => ({ fan, day, i })));
  return {
    description: `After ${integer(days[end])} trading days nine paths in ten are, per unit invested: ${ends.join("; ")}.`,
    height: 300,
    table: () =>
      dataTable<(typeof rows)[number]>(
        [
          { title: "Model", heading: true, cell: ({ fan }) => fan.name },
          { title: "Day", numeric: true, cell: ({ day }) => integer(day) },
          { title: "5%", numeric: true, cell: ({ fan, i }) => decimal(fan.low[i], 4) },
          { title: "Median", numeric: true, cell: ({ fan, i }) => decimal(fan.median[i], 4) },
          { title: "95%", numeric: true, cell: ({ fan, i }) => decimal(fan.high[i], 4) },
        ],
        rows,
        { caption: "Quantiles of the value per unit invested, by model" },
      ),
    option: ({ colours }) => {
      const line = (index: number, values: readonly number[], width: number): object => {
        const style = STYLES[index % STYLES.length] ?? { colour: "now" as const, dash: "solid" as const };
        return {
          name: fans[index]?.name ?? "",
          type: "line",
          data: days.map((day, i) => [day, values[i] ?? 1]),
          showSymbol: false,
          lineStyle: { color: colours[style.colour], width, type: style.dash },
          itemStyle: { color: colours[style.colour] },
        };
      };
      return {
        grid: { left: textSize(56), right: 16, top: 12, bottom: textSize(40) },
        xAxis: { ...namedAxis(colours, "trading days"), max: days[end] ?? 1, splitLine: { show: false } },
        yAxis: {
          type: "value",
          scale: true,
          ...axisStyle(colours),
          axisLabel: { color: colours.muted, fontSize: textSize(), formatter: (value: number) => decimal(value, digits) },
        },
        tooltip: {
          trigger: "axis",
          formatter: (items: unknown) => {
            const day = (Array.isArray(items) ? (items[0] as { value?: number[] } | undefined)?.value?.[0] : undefined) ?? -1;
            const i = days.indexOf(day);
            if (i < 0) return "";
            const told = fans.map(({ name, low, high }) => `${name}  ${decimal(low[i], 4)} to ${decimal(high[i], 4)}`);
            return tooltipText([`day ${day}, 5% to 95%`, ...told].join("\n"));
          },
        },
        series: fans.flatMap(({ low, median, high }, i) => [
          line(i, low, 1.5),
          line(i, median, 2.5),
          line(i, high, 1.5),
        ]) as never,
      };
    },
  };
}
