/** Attention of a transformer by horizon as a heat map: which days each coming day looks at. */

import type { CustomSeriesRenderItem } from "echarts";
import type { Quantiles } from "../api/types";
import { attentionDays } from "../display/coming-days";
import { dataTable } from "../dom/table";
import { integer, percent } from "../format";
import { axisStyle, textSize, tooltipText, type Drawing } from "./frame";
import { mix } from "./shade";

type Row = Quantiles["explanation"]["attention"][number];

export function attentionDrawing(quantiles: Quantiles): Drawing {
  const [rows, days] = [quantiles.explanation.attention, attentionDays(quantiles)];
  const most = Math.max(...rows.flatMap(({ weights }) => weights), 0);
  const top = rows
    .flatMap((row) => row.weights.map((weight, i) => ({ row, weight, day: days[i] ?? 0 })))
    .find((cell) => cell.weight === most);
  return {
    description:
      `Attention of each of the ${rows.length} coming days to the days that it sees, from ${integer(days[0])} to ` +
      `${integer(days.at(-1))}, where 0 is the last day of the history. The largest share is ${percent(most, 1)}: ` +
      `of the day ${integer(top?.row.days_ahead)} ahead, on day ${integer(top?.day)}.`,
    height: Math.max(160, Math.min(520, 76 + rows.length * 24)),
    note: "Shares of attention say what the network looks at, not what causes a return.",
    table: () =>
      dataTable<Row>(
        [
          { title: "Days ahead", heading: true, cell: (row) => integer(row.days_ahead) },
          ...days.map((day, i) => ({ title: integer(day), numeric: true, cell: (row: Row) => percent(row.weights[i], 1) })),
        ],
        rows,
        { caption: "Share of attention by day; 0 is the last day of the history" },
      ),
    option: ({ colours, width }) => {
      const narrow = width < 520;
      const draw: CustomSeriesRenderItem = (_, api) => {
        const at = api.coord([api.value(0), api.value(1)]);
        const size = (api.size?.([1, 1]) ?? [0, 0]) as number[];
        const [w, hgt] = [Math.max(1, (size[0] ?? 0) - 1), Math.max(1, (size[1] ?? 0) - 1)];
        const share = most > 0 ? (api.value(2) as number) / most : 0;
        return {
          type: "rect",
          shape: { x: (at[0] ?? 0) - w / 2, y: (at[1] ?? 0) - hgt / 2, width: w, height: hgt },
          style: { fill: mix(colours.surface, colours.target, 0.08 + 0.92 * share) },
        } as never;
      };
      const axis = { type: "category" as const, ...axisStyle(colours), splitLine: { show: false } };
      const named = { nameLocation: "middle" as const, nameTextStyle: { color: colours.muted, fontSize: textSize() } };
      return {
        grid: { left: textSize(56), right: 12, top: 8, bottom: textSize(44) },
        xAxis: {
          ...axis,
          ...named,
          name: narrow ? "day; 0 is the last one" : "day that is looked at; 0 is the last of the history",
          nameGap: textSize(26),
          data: days.map((day) => integer(day)),
          axisLabel: { color: colours.text, fontSize: textSize(11), hideOverlap: true },
        },
        yAxis: {
          ...axis,
          ...named,
          name: "days ahead",
          nameGap: textSize(30),
          inverse: true,
          data: rows.map((row) => integer(row.days_ahead)),
          axisLabel: { color: colours.text, fontSize: textSize(11), hideOverlap: true },
        },
        tooltip: {
          trigger: "item",
          formatter: (item: unknown) => {
            const [x, y, share] = (item as { value: [number, number, number] }).value;
            return tooltipText(
              `${integer(rows[y]?.days_ahead)} ahead, on day ${integer(days[x])}\n${percent(share, 1)} of the attention`,
            );
          },
        },
        series: [
          {
            type: "custom",
            name: "attention",
            renderItem: draw,
            data: rows.flatMap((row, y) => row.weights.map((share, x) => [x, y, share])),
            encode: { x: 0, y: 1, tooltip: 2 },
          },
        ] as never,
      };
    },
  };
}
