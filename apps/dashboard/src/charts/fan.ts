/** Quantiles of simulated wealth: along the way, and at the horizon with the tail losses marked. */

import type { CustomSeriesRenderItem } from "echarts";
import type { Simulation } from "../api/types";
import { dataTable } from "../dom/table";
import { decimal, integer, percent } from "../format";
import { axisStyle, tooltipText, type Drawing } from "./frame";

type Fan = NonNullable<Simulation["fan"]>;

export function fanDrawing(fan: Fan): Drawing {
  const last = fan.days.length - 1;
  const rows = fan.days.map((day, i) => ({ day, i }));
  return {
    description: `Simulated value per unit invested over ${fan.days[last] ?? 0} trading days. At the end the median is ${decimal(fan.quantile_50[last], 4)}, nine paths in ten end between ${decimal(fan.quantile_05[last], 4)} and ${decimal(fan.quantile_95[last], 4)}.`,
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
      const ribbon = (low: readonly number[], high: readonly number[], opacity: number): CustomSeriesRenderItem => (_, api) => {
        const edge = (values: readonly number[]): number[][] => fan.days.map((day, i) => api.coord([day, values[i] ?? 0]));
        return { type: "polygon", shape: { points: [...edge(high), ...edge(low).reverse()] }, style: { fill: colours.target, opacity }, silent: true };
      };
      const line = (name: string, values: readonly number[], style: object): object => ({
        name, type: "line", data: fan.days.map((day, i) => [day, values[i] ?? 0]), showSymbol: false, lineStyle: style, itemStyle: { color: colours.target }, z: 3,
      });
      return {
        grid: { left: 56, right: 16, top: 12, bottom: 40 },
        xAxis: { type: "value", max: fan.days[last] ?? 1, name: "trading days", nameLocation: "middle", nameGap: 26, ...axisStyle(colours), splitLine: { show: false } },
        yAxis: { type: "value", scale: true, ...axisStyle(colours), axisLabel: { color: colours.muted, fontSize: 12, formatter: (v: number) => decimal(v, 2) } },
        tooltip: {
          renderMode: "richText", confine: true, trigger: "axis", backgroundColor: colours.surface, borderColor: colours.line, textStyle: { color: colours.text, fontSize: 12 },
          formatter: (items: unknown) => {
            const day = (Array.isArray(items) ? (items[0] as { value?: number[] } | undefined)?.value?.[0] : undefined) ?? -1;
            const i = fan.days.indexOf(day);
            if (i < 0) return "";
            return tooltipText(
              `day ${day}\n95%  ${decimal(fan.quantile_95[i], 4)}\n75%  ${decimal(fan.quantile_75[i], 4)}\n50%  ${decimal(fan.quantile_50[i], 4)}\n25%  ${decimal(fan.quantile_25[i], 4)}\n5%  ${decimal(fan.quantile_05[i], 4)}`,
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

/** The distribution at the horizon as far as the service states it: quantiles, VaR and CVaR. */
export function terminalDrawing(simulation: Simulation): Drawing {
  const s = simulation.statistics;
  const marks = [
    { name: "1% quantile", short: "1%", at: s.terminal_quantile_01.value, error: s.terminal_quantile_01.standard_error },
    { name: "5% quantile (start − VaR 95%)", short: "5%, VaR", at: s.terminal_quantile_05.value, error: s.terminal_quantile_05.standard_error },
    { name: "25% quantile", short: "25%", at: s.terminal_quantile_25.value, error: s.terminal_quantile_25.standard_error },
    { name: "Median", short: "50%", at: s.terminal_quantile_50.value, error: s.terminal_quantile_50.standard_error },
    { name: "75% quantile", short: "75%", at: s.terminal_quantile_75.value, error: s.terminal_quantile_75.standard_error },
    { name: "95% quantile", short: "95%", at: s.terminal_quantile_95.value, error: s.terminal_quantile_95.standard_error },
  ];
  const tail = { name: "Mean of the worst 5% (start − CVaR 95%)", short: "CVaR", at: 1 - s.cvar_95.value, error: s.cvar_95.standard_error };
  return {
    description: `Value at the horizon per unit invested. VaR at 95% is ${percent(s.var_95.value)}, CVaR at 95% ${percent(s.cvar_95.value)} of the start value.`,
    height: 210,
    table: () =>
      dataTable(
        [
          { title: "Point", heading: true, cell: (m) => m.name },
          { title: "Value per unit", numeric: true, cell: (m) => decimal(m.at, 4) },
          { title: "Standard error", numeric: true, cell: (m) => decimal(m.error, 4) },
        ],
        [...marks.slice(0, 1), tail, ...marks.slice(1)],
        { caption: "Distribution at the horizon" },
      ),
    option: ({ colours, width }) => {
      const q = (i: number): number => marks[i]?.at ?? 0;
      const box = (low: number, high: number, half: number, opacity: number): CustomSeriesRenderItem => (_, api) => {
        const from = api.coord([low, 0]);
        const to = api.coord([high, 0]);
        return { type: "rect", shape: { x: from[0] ?? 0, y: (from[1] ?? 0) - half, width: (to[0] ?? 0) - (from[0] ?? 0), height: 2 * half }, style: { fill: colours.target, opacity }, silent: true };
      };
      // Labels alternate above and below so that near quantiles do not meet.
      const point = (short: string, at: number, colour: string, above: boolean, symbol: string, far: boolean): object => ({
        value: [at, 0],
        symbol,
        symbolSize: symbol === "rect" ? [3, 34] : 12,
        itemStyle: { color: colour },
        label: { show: true, position: above ? "top" : "bottom", distance: far ? 26 : 8, formatter: tooltipText(`${short}\n${decimal(at, 3)}`), color: colours.text, fontSize: 11, lineHeight: 14, align: "center" },
      });
      return {
        grid: { left: 28, right: 28, top: 8, bottom: 36 },
        xAxis: { type: "value", scale: true, ...axisStyle(colours), splitNumber: width < 480 ? 3 : 6, axisLabel: { color: colours.muted, fontSize: 12, hideOverlap: true, formatter: (v: number) => decimal(v, 2) }, splitLine: { show: false } },
        yAxis: { type: "value", min: -1, max: 1, show: false },
        series: [
          { type: "custom", name: "5 to 95%", data: [[1, 0]], renderItem: box(q(1), q(5), 6, 0.2) },
          { type: "custom", name: "25 to 75%", data: [[1, 0]], renderItem: box(q(2), q(4), 12, 0.35) },
          {
            type: "scatter", name: "points", z: 4, clip: false,
            data: [
              point("1%", q(0), colours.negative, false, "rect", false),
              point("CVaR", tail.at, colours.negative, true, "diamond", false),
              point("5% VaR", q(1), colours.negative, false, "rect", false),
              point("25%", q(2), colours.target, true, "rect", false),
              point("50%", q(3), colours.target, false, "rect", false),
              point("75%", q(4), colours.target, true, "rect", false),
              point("95%", q(5), colours.target, false, "rect", false),
            ],
          },
        ] as never,
      };
    },
  };
}
