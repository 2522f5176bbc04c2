/** Quantiles of simulated wealth along the way. */

import type { CustomSeriesRenderItem } from "echarts";
import type { Simulation } from "../api/types";
import { dataTable } from "../dom/table";
import { decimal, integer, tickDigits } from "../format";
import { axisStyle, namedAxis, textSize, tooltipText, type Drawing } from "./frame";

type Fan = NonNullable<Simulation["fan"]>;

export function fanDrawing(fan: Fan): Drawing {
  const last = fan.days.length - 1;
  const digits = tickDigits(Math.max(...fan.quantile_95) - Math.min(...fan.quantile_05), 2);
  const rows = fan.days.map((day, i) => ({ day, i }));
  return {
    description:
      `Simulated value per unit invested over ${fan.days[last] ?? 0} trading days. ` +
      `At the end the median is ${decimal(fan.quantile_50[last], 4)}, ` +
      `nine paths in ten end between ${decimal(fan.quantile_05[last], 4)} and ${decimal(fan.quantile_95[last], 4)}.`,
    height: 280,
    table: () =>
      dataTable(
        [
          { title: "Day", heading: true, cell: (row) => integer(row.day) },
          { title: "5%", numeric: true, cell: (row) => decimal(fan.quantile_05[row.i], 4) },
          { title: "25%", numeric: true, cell: (row) => decimal(fan.quantile_25[row.i], 4) },
          { title: "Median", numeric: true, cell: (row) => decimal(fan.quantile_50[row.i], 4) },
          { title: "75%", numeric: true, cell: (row) => decimal(fan.quantile_75[row.i], 4) },
          { title: "95%", numeric: true, cell: (row) => decimal(fan.quantile_95[row.i], 4) },
        ],
        rows,
        { caption: "Quantiles of the value per unit invested" },
      ),
    option: ({ colours }) => {
      const ribbon =
        (low: readonly number[], high: readonly number[], opacity: number): CustomSeriesRenderItem =>
        (_, api) => {
          const edge = (values: readonly number[]): number[][] => fan.days.map((day, i) => api.coord([day, values[i] ?? 0]));
          return {
            type: "polygon",
            shape: { points: [...edge(high), ...edge(low).reverse()] },
            style: { fill: colours.target, opacity },
            silent: true,
          };
        };
      const line = (name: string, values: readonly number[], style: object): object => ({
        name,
        type: "line",
        data: fan.days.map((day, i) => [day, values[i] ?? 0]),
        showSymbol: false,
        lineStyle: style,
        itemStyle: { color: colours.target },
        z: 3,
      });
      return {
        grid: { left: textSize(56), right: 16, top: 12, bottom: textSize(40) },
        xAxis: {
          ...namedAxis(colours, "trading days"),
          max: fan.days[last] ?? 1,
          splitLine: { show: false },
        },
        yAxis: {
          type: "value",
          scale: true,
          ...axisStyle(colours),
          axisLabel: { color: colours.muted, fontSize: textSize(), formatter: (v: number) => decimal(v, digits) },
        },
        tooltip: {
          trigger: "axis",
          formatter: (items: unknown) => {
            const day = (Array.isArray(items) ? (items[0] as { value?: number[] } | undefined)?.value?.[0] : undefined) ?? -1;
            const i = fan.days.indexOf(day);
            if (i < 0) return "";
            return tooltipText(
              [
                `day ${day}`,
                `95%  ${decimal(fan.quantile_95[i], 4)}`,
                `75%  ${decimal(fan.quantile_75[i], 4)}`,
                `50%  ${decimal(fan.quantile_50[i], 4)}`,
                `25%  ${decimal(fan.quantile_25[i], 4)}`,
                `5%  ${decimal(fan.quantile_05[i], 4)}`,
              ].join("\n"),
            );
          },
        },
        series: [
          { type: "custom", name: "5 to 95%", data: [[0, 1]], renderItem: ribbon(fan.quantile_05, fan.quantile_95, 0.16), z: 1 },
          { type: "custom", name: "25 to 75%", data: [[0, 1]], renderItem: ribbon(fan.quantile_25, fan.quantile_75, 0.26), z: 2 },
          line("5%", fan.quantile_05, { color: colours.target, width: 1 }),
          line("25%", fan.quantile_25, { color: colours.target, width: 1, type: "dashed" }),
          line("75%", fan.quantile_75, { color: colours.target, width: 1, type: "dashed" }),
          line("median", fan.quantile_50, { color: colours.target, width: 2.5 }),
          line("95%", fan.quantile_95, { color: colours.target, width: 1 }),
        ] as never,
      };
    },
  };
}
