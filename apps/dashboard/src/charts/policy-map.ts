/** What a learned allocator would trade of each asset at each drift, as a heat map. */

import type { CustomSeriesRenderItem } from "echarts";
import type { Allocator } from "../api/types";
import { dataTable } from "../dom/table";
import { percent, points, shortName } from "../format";
import { axisStyle, textSize, tooltipText, type Drawing } from "./frame";
import { mix } from "./shade";

type Row = Allocator["policy_map"]["assets"][number];

export function policyMapDrawing({ policy_map: { drifts, assets } }: Allocator): Drawing {
  const most = Math.max(...assets.flatMap(({ trades }) => trades.map((trade) => Math.abs(trade ?? 0))), 0);
  const middle = drifts.indexOf(0);
  const [low, high] = [points(drifts[0], 0), points(drifts.at(-1), 0)];
  return {
    description:
      `What the allocator would trade of each of ${assets.length} assets where its weight has drifted by ${low} to ${high} points. ` +
      `The largest trade is ${percent(most)} of the book. Without drift it trades ` +
      `${assets.map(({ asset, trades }) => `${percent(trades[middle])} of ${asset}`).join(", ")}.`,
    height: Math.max(150, 76 + assets.length * 28),
    note: "On a day whose features are the means of those of its training; the other assets share the rest equally.",
    table: () =>
      dataTable<Row>(
        [
          { title: "Asset", heading: true, cell: (row) => row.asset },
          ...drifts.map((drift, i) => ({
            title: points(drift, 0),
            numeric: true,
            cell: (row: Row) => percent(row.trades[i]),
          })),
        ],
        assets,
        { caption: "Trade at each drift in points, a share of the book: positive to buy" },
      ),
    option: ({ colours, width }) => {
      const narrow = width < 520;
      const draw: CustomSeriesRenderItem = (_, api) => {
        const at = api.coord([api.value(0), api.value(1)]);
        const size = (api.size?.([1, 1]) ?? [0, 0]) as number[];
        const [w, hgt] = [Math.max(1, (size[0] ?? 0) - 1), Math.max(1, (size[1] ?? 0) - 1)];
        const trade = api.value(2) as number;
        const share = most > 0 ? Math.abs(trade) / most : 0;
        return {
          type: "rect",
          shape: { x: (at[0] ?? 0) - w / 2, y: (at[1] ?? 0) - hgt / 2, width: w, height: hgt },
          style: { fill: mix(colours.surface, trade < 0 ? colours.negative : colours.target, 0.08 + 0.92 * share) },
        } as never;
      };
      const axis = { type: "category" as const, ...axisStyle(colours), splitLine: { show: false } };
      return {
        grid: { left: textSize(narrow ? 72 : 150), right: 12, top: 8, bottom: textSize(44) },
        xAxis: {
          ...axis,
          name: "drift of the asset, points",
          nameLocation: "middle",
          nameGap: textSize(26),
          data: drifts.map((drift) => points(drift, 0)),
          axisLabel: { color: colours.text, fontSize: textSize(11), hideOverlap: true },
        },
        yAxis: {
          ...axis,
          inverse: true,
          data: assets.map(({ asset }) => shortName(asset, narrow ? 9 : 20)),
          axisLabel: { color: colours.text, fontSize: textSize(11) },
        },
        tooltip: {
          trigger: "item",
          formatter: (item: unknown) => {
            const [x, y, trade] = (item as { value: [number, number, number] }).value;
            const row = assets[y];
            return tooltipText(
              `${row?.asset ?? ""}, drift ${points(drifts[x], 0)}\ntrade ${percent(trade)}\n` +
                `target ${percent(row?.targets[x])} ± ${percent(row?.half_widths[x])}`,
            );
          },
        },
        series: [
          {
            type: "custom",
            name: "trade",
            renderItem: draw,
            data: assets.flatMap(({ trades }, y) => trades.flatMap((trade, x) => (trade == null ? [] : [[x, y, trade]]))),
            encode: { x: 0, y: 1, tooltip: 2 },
          },
        ] as never,
      };
    },
  };
}
