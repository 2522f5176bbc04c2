/** The distribution at the horizon with the tail losses marked. */

import type { CustomSeriesRenderItem } from "echarts";
import type { Simulation } from "../api/types";
import { h } from "../dom/element";
import { dataTable } from "../dom/table";
import { decimal, integer, percent, tickDigits } from "../format";
import { axisStyle, namedAxis, textSize, tooltipText, type Drawing } from "./frame";

/** Nothing when the service counted no outcomes: they are all the same. */
export function terminalDrawing(simulation: Simulation): Drawing | undefined {
  const { edges, counts } = simulation.terminal_histogram ?? { edges: [], counts: [] };
  const bins = counts.map((count, i) => ({
    from: edges[i] ?? 0,
    to: edges[i + 1] ?? 0,
    count,
    share: count / simulation.paths_used,
  }));
  const s = simulation.statistics;
  const top = Math.max(...bins.map((bin) => bin.share));
  const [first, last] = [bins[0], bins.at(-1)];
  if (!first || !last) return undefined;
  const digits = tickDigits(last.to - first.from, 2);
  const threshold = 1 - s.var_95.value;
  const marks = [
    { name: "VaR", at: threshold, side: "left" },
    { name: "CVaR", at: 1 - s.cvar_95.value, side: "right" },
    { name: "median", at: s.terminal_quantile_50.value, side: "left" },
  ] as const;
  return {
    description:
      `Value at the horizon per unit invested, from ${decimal(first.from, 2)} to ${decimal(last.to, 2)}. ` +
      `VaR at 95% is ${percent(s.var_95.value)}, CVaR at 95% ${percent(s.cvar_95.value)} of the start value; ` +
      `the median is ${decimal(s.terminal_quantile_50.value, 4)}.`,
    height: 280,
    table: () =>
      h(
        "div",
        {},
        dataTable(
          [
            { title: "Simulated", heading: true, cell: (row) => row[0] },
            { title: "Value per unit", numeric: true, cell: (row) => decimal(row[1], 4) },
            { title: "± standard error", numeric: true, cell: (row) => decimal(row[2], 4) },
          ],
          [
            ["1% quantile", s.terminal_quantile_01.value, s.terminal_quantile_01.standard_error],
            ["Mean of the worst 5% (1 − CVaR)", 1 - s.cvar_95.value, s.cvar_95.standard_error],
            ["5% quantile (1 − VaR)", s.terminal_quantile_05.value, s.terminal_quantile_05.standard_error],
            ["25% quantile", s.terminal_quantile_25.value, s.terminal_quantile_25.standard_error],
            ["Median", s.terminal_quantile_50.value, s.terminal_quantile_50.standard_error],
            ["75% quantile", s.terminal_quantile_75.value, s.terminal_quantile_75.standard_error],
            ["95% quantile", s.terminal_quantile_95.value, s.terminal_quantile_95.standard_error],
          ] as const,
          { caption: "What was simulated" },
        ),
        dataTable(
          [
            { title: "Value per unit", heading: true, cell: (bin) => `${decimal(bin.from, 4)} – ${decimal(bin.to, 4)}` },
            { title: "Paths", numeric: true, cell: (bin) => integer(bin.count) },
            { title: "Share of paths", numeric: true, cell: (bin) => percent(bin.share) },
          ],
          bins,
          { caption: "Paths that end in each bin" },
        ),
      ),
    option: ({ colours, width }) => {
      const bar: CustomSeriesRenderItem = (_, api) => {
        const bin = bins[api.value(0) as number] ?? first;
        const [x = 0, y = 0] = api.coord([bin.from, bin.share]);
        const [end = 0, ground = 0] = api.coord([bin.to, 0]);
        const rect = (from: number, to: number, fill: string): object => ({
          type: "rect",
          shape: { x: from, y, width: Math.max(0.5, to - from - 1), height: ground - y },
          style: { fill, opacity: 0.75 },
        });
        // The bin that holds the VaR is split at it.
        const split = Math.min(end, Math.max(x, api.coord([threshold, 0])[0] ?? 0));
        const parts = [
          ...(split > x ? [rect(x, split, colours.negative)] : []),
          ...(split < end ? [rect(split, end, colours.target)] : []),
        ];
        return { type: "group", children: parts } as never;
      };
      const mark: CustomSeriesRenderItem = (_, api) => {
        const entry = marks[api.value(0) as number] ?? marks[0];
        const [x = 0, ground = 0] = api.coord([entry.at, 0]);
        const ceiling = 18;
        const before = entry.side === "right";
        return {
          type: "group",
          silent: true,
          children: [
            {
              type: "line",
              shape: { x1: x, y1: ground, x2: x, y2: ceiling },
              style: { stroke: colours.text, lineWidth: 1.5, lineDash: entry.name === "median" ? [4, 3] : undefined },
            },
            {
              type: "text",
              style: {
                text: tooltipText(`${entry.name}\n${decimal(entry.at, 3)}`),
                x: before ? x - 5 : x + 5,
                y: ceiling,
                align: before ? "right" : "left",
                fill: colours.text,
                fontSize: textSize(11),
                lineHeight: textSize(14),
              },
            },
          ],
        } as never;
      };
      const named = namedAxis(colours, "value per unit invested", (v) => decimal(v, digits));
      return {
        grid: { left: textSize(48), right: 16, top: 52, bottom: textSize(40) },
        xAxis: {
          ...named,
          min: first.from,
          max: last.to,
          splitNumber: width < 420 ? 3 : 5,
          axisLabel: { ...named.axisLabel, showMinLabel: false, showMaxLabel: false },
          splitLine: { show: false },
        },
        yAxis: {
          type: "value",
          max: top,
          ...axisStyle(colours),
          axisLabel: { color: colours.muted, fontSize: textSize(), showMaxLabel: false, formatter: (v: number) => percent(v, 0) },
        },
        tooltip: {
          trigger: "item",
          formatter: (item: unknown) => {
            const bin = bins[(item as { dataIndex: number }).dataIndex];
            return bin
              ? tooltipText(`${decimal(bin.from, 4)} – ${decimal(bin.to, 4)}\n${integer(bin.count)} paths, ${percent(bin.share)}`)
              : "";
          },
        },
        series: [
          {
            type: "custom",
            name: "paths",
            data: bins.map((bin, i) => [i, bin.from, bin.to, bin.share]),
            encode: { x: [1, 2], y: 3 },
            renderItem: bar,
          },
          {
            type: "custom",
            name: "marks",
            data: marks.map((m, i) => [i, m.at, 0]),
            encode: { x: 1, y: 2 },
            renderItem: mark,
            clip: false,
            z: 4,
          },
        ] as never,
      };
    },
  };
}
