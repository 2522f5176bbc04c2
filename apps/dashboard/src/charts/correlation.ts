/** Correlation of daily returns as a heat map; numbers stand in the cells as long as they fit. */

import type { CustomSeriesRenderItem } from "echarts";
import { correlation, type Series } from "../display/statistics";
import { dataTable } from "../dom/table";
import { decimal, integer, MISSING, shortName } from "../format";
import { axisStyle, textSize, tooltipText, type Drawing } from "./frame";
import { mix, readable } from "./shade";

const MOST = 24;

/** `weights` choose which assets are drawn when there are very many. */
export function correlationDrawing(names: readonly string[], histories: readonly Series[], weights: readonly number[]): Drawing {
  const chosen = names
    .map((_, i) => i)
    .sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0))
    .slice(0, MOST)
    .sort((a, b) => a - b);
  const n = chosen.length;
  const matrix = chosen.map((a) => chosen.map((b) => (a === b ? 1 : correlation(histories[a] ?? [], histories[b] ?? []))));
  const pairs = matrix.flatMap((row, i) => row.slice(i + 1)).filter((c) => c !== null);
  const mean = pairs.length > 0 ? pairs.reduce((sum, c) => sum + c, 0) / pairs.length : undefined;
  return {
    description: `Correlation of the daily returns of ${n} assets; on average over the pairs ${decimal(mean)}.`,
    height: Math.max(220, Math.min(560, 90 + n * (n <= 8 ? 54 : 36))),
    note: names.length > MOST ? `The ${MOST} largest current weights of ${integer(names.length)} assets.` : undefined,
    table: () =>
      dataTable<number>(
        [
          { title: "Asset", heading: true, cell: (row) => names[chosen[row] ?? 0] },
          ...chosen.map((asset, column) => ({
            title: names[asset] ?? "",
            numeric: true,
            cell: (row: number) => decimal(matrix[row]?.[column]),
          })),
        ],
        chosen.map((_, row) => row),
        { caption: "Correlation of daily returns" },
      ),
    option: ({ colours, width }) => {
      const narrow = width < 520;
      const left = narrow ? 84 : 132;
      const cell = (width - left - 12) / Math.max(1, n);
      const labels = chosen.map((i) => shortName(names[i] ?? "", narrow ? 9 : 14));
      const draw: CustomSeriesRenderItem = (_, api) => {
        const value = api.value(2) as number;
        const at = api.coord([api.value(0), api.value(1)]);
        const size = (api.size?.([1, 1]) ?? [0, 0]) as number[];
        const [w, hgt] = [(size[0] ?? 0) - 2, (size[1] ?? 0) - 2];
        const missing = Number.isNaN(value);
        const fill = missing
          ? colours.line
          : mix(colours.surface, value >= 0 ? colours.target : colours.negative, Math.abs(value) * 0.75);
        const group = [
          {
            type: "rect",
            shape: { x: (at[0] ?? 0) - w / 2, y: (at[1] ?? 0) - hgt / 2, width: w, height: hgt, r: 2 },
            style: { fill },
          },
        ] as object[];
        if (cell >= 34) {
          group.push({
            type: "text",
            style: {
              text: missing ? MISSING : decimal(value),
              x: at[0],
              y: at[1],
              textAlign: "center",
              textVerticalAlign: "middle",
              fill: readable(fill),
              fontSize: textSize(cell < 44 ? 10 : 12),
            },
          });
        }
        return { type: "group", children: group } as never;
      };
      const axis = { type: "category" as const, data: labels, ...axisStyle(colours), splitLine: { show: false } };
      return {
        grid: { left, right: 12, top: 8, bottom: narrow ? 74 : 64 },
        xAxis: { ...axis, axisLabel: { color: colours.text, fontSize: textSize(11), interval: 0, rotate: cell < 92 ? 40 : 0 } },
        yAxis: { ...axis, inverse: true, axisLabel: { color: colours.text, fontSize: textSize(), interval: 0 } },
        tooltip: {
          trigger: "item",
          formatter: (item: unknown) => {
            const [x, y] = (item as { value: [number, number, number] }).value;
            return tooltipText(
              [
                `${shortName(names[chosen[y] ?? 0] ?? "", 40)}`,
                `${shortName(names[chosen[x] ?? 0] ?? "", 40)}`,
                `correlation ${decimal(matrix[y]?.[x])}`,
              ].join("\n"),
            );
          },
        },
        series: [
          {
            type: "custom",
            name: "correlation",
            renderItem: draw,
            data: matrix.flatMap((row, y) => row.map((c, x) => [x, y, c ?? Number.NaN])),
            encode: { x: 0, y: 1, tooltip: 2 },
          },
        ] as never,
      };
    },
  };
}
