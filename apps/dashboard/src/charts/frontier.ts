/** The efficient frontier of the history, with the portfolio now, at its target and after the plan on the same axes. */

import type { FrontierPoint } from "../api/types";
import { dataTable } from "../dom/table";
import { percent, tickDigits } from "../format";
import { axisStyle, namedAxis, textSize, tooltipText, type Drawing } from "./frame";

export interface Place {
  name: "now" | "target" | "after the plan";
  volatility: number;
  mean: number;
}

export function frontierDrawing(points: readonly FrontierPoint[], places: readonly Place[]): Drawing {
  const rows = [
    ...places.map((p) => ({ name: p.name as string, volatility: p.volatility, mean: p.mean })),
    ...points.map((p) => ({ name: "frontier", volatility: p.target_volatility, mean: p.return })),
  ];
  const spread = (values: number[]): number => tickDigits(100 * (Math.max(...values) - Math.min(...values)));
  const [xDigits, yDigits] = [spread(rows.map((row) => row.volatility)), spread(rows.map((row) => row.mean))];
  const where = places.map((p) => `${p.name}: volatility ${percent(p.volatility)}, mean return ${percent(p.mean)}.`).join(" ");
  return {
    description:
      "Annual mean return against annual volatility. " +
      `The frontier runs from ${percent(points[0]?.target_volatility)} to ${percent(points.at(-1)?.target_volatility)} volatility. ` +
      `${where}`,
    height: 320,
    table: () =>
      dataTable(
        [
          { title: "Portfolio", heading: true, cell: (row) => row.name },
          { title: "Annual volatility", numeric: true, cell: (row) => percent(row.volatility) },
          { title: "Annual mean return", numeric: true, cell: (row) => percent(row.mean) },
        ],
        rows,
        { caption: "Frontier and portfolios" },
      ),
    option: ({ colours, width }) => {
      const place = (name: Place["name"], style: object): object => {
        const at = places.find((p) => p.name === name);
        return { name, type: "scatter", z: 4, data: at ? [[at.volatility, at.mean]] : [], ...style };
      };
      return {
        grid: { left: textSize(60), right: 16, top: 12, bottom: textSize(40) },
        xAxis: {
          ...namedAxis(colours, "annual volatility", (v) => percent(v, xDigits)),
          scale: true,
          splitNumber: width < 420 ? 3 : 6,
          splitLine: { show: false },
        },
        yAxis: {
          type: "value",
          scale: true,
          ...axisStyle(colours),
          axisLabel: { color: colours.muted, fontSize: textSize(), formatter: (v: number) => percent(v, yDigits) },
        },
        tooltip: {
          trigger: "item",
          formatter: (item: unknown) => {
            const { seriesName, value } = item as { seriesName: string; value: [number, number] };
            return tooltipText(`${seriesName}\nvolatility ${percent(value[0])}\nmean return ${percent(value[1])}`);
          },
        },
        series: [
          {
            name: "frontier",
            type: "line",
            data: points.map((p) => [p.target_volatility, p.return]),
            showSymbol: true,
            symbolSize: 4,
            itemStyle: { color: colours.target },
            lineStyle: { color: colours.target, width: 2 },
            z: 2,
          },
          place("now", {
            symbol: "circle",
            symbolSize: 13,
            itemStyle: { color: colours.surface, borderColor: colours.now, borderWidth: 2.5 },
          }),
          place("target", { symbol: "rect", symbolSize: [4, 20], itemStyle: { color: colours.target } }),
          place("after the plan", { symbol: "diamond", symbolSize: 14, itemStyle: { color: colours.after } }),
        ] as never,
      };
    },
  };
}
