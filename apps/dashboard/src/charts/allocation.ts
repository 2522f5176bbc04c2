/** Each asset's weight now, its target after the forecast tilt, and after the plan, on its band and over its no-trade region. */

import type { CustomSeriesRenderItem } from "echarts";
import type { Plan, WeightEntry } from "../api/types";
import { dataTable } from "../dom/table";
import { integer, percent, points, shortName, tickDigits } from "../format";
import { axisStyle, textSize, type Drawing } from "./frame";
import { rowAxis, rowTooltip } from "./rows";
import { insideRegions, noTradeBars, regionInWords } from "./no-trade";
import { wayFromNowToAfter } from "./way";

const MOST = 30;
const ROW = 40;

/** Lower and upper edge of an asset's band. */
function bandOf({ target_weight, band_half_width }: WeightEntry): readonly [number, number] {
  return [Math.max(0, target_weight - band_half_width), target_weight + band_half_width];
}

export function allocationDrawing(plan: Plan): Drawing {
  const all = plan.weights;
  const shown = all.length <= MOST ? all : [...all].sort((a, b) => Math.abs(b.drift) - Math.abs(a.drift)).slice(0, MOST);
  const outside = all.filter((w) => Math.abs(w.drift) > w.band_half_width).length;
  const highest = Math.max(
    ...shown.map((w) => Math.max(w.current_weight, w.weight_after, w.optimized_target_weight, bandOf(w)[1])),
  );
  const digits = tickDigits(100 * highest);
  return {
    description:
      `Weights of ${shown.length} assets: now, target and after the plan. ` +
      `${outside} of ${all.length} are outside the band around their target. ` +
      insideRegions(all),
    height: shown.length * ROW + 48,
    note: all.length > MOST ? `The ${MOST} largest drifts of ${integer(all.length)} assets; “Show data” lists all.` : undefined,
    table: () =>
      dataTable<WeightEntry>(
        [
          { title: "Asset", heading: true, cell: (w) => w.asset },
          { title: "Now", numeric: true, cell: (w) => percent(w.current_weight) },
          { title: "Target", numeric: true, cell: (w) => percent(w.target_weight) },
          { title: "Tilted target", numeric: true, cell: (w) => percent(w.optimized_target_weight) },
          { title: "After", numeric: true, cell: (w) => percent(w.weight_after) },
          {
            title: "Band",
            numeric: true,
            cell: (w) =>
              bandOf(w)
                .map((edge) => percent(edge))
                .join(" – "),
          },
          { title: "No trade pays", numeric: true, cell: regionInWords },
          { title: "Drift", numeric: true, cell: (w) => points(w.drift) },
        ],
        all,
        { caption: "Allocation, share of NAV" },
      ),
    option: ({ colours, width }) => {
      const narrow = width < 520;
      const names = shown.map((w) => shortName(w.asset, narrow ? 12 : 22));
      const band: CustomSeriesRenderItem = (_, api) => {
        const row = api.value(2) as number;
        const from = api.coord([api.value(0), row]);
        const to = api.coord([api.value(1), row]);
        return {
          type: "rect",
          shape: { x: from[0] ?? 0, y: (from[1] ?? 0) - 9, width: Math.max(2, (to[0] ?? 0) - (from[0] ?? 0)), height: 18, r: 3 },
          style: { fill: colours.band, stroke: colours.edge, lineWidth: 1 },
          silent: true,
        };
      };
      const weight = (name: string, read: (w: WeightEntry) => number, extra: object): object => ({
        name,
        type: "scatter",
        data: shown.map((w, row) => [read(w), row]),
        z: 3,
        ...extra,
      });
      return {
        grid: { left: textSize(narrow ? 96 : 168), right: 20, top: 8, bottom: textSize(32) },
        xAxis: {
          type: "value",
          min: 0,
          ...axisStyle(colours),
          axisLabel: { color: colours.muted, fontSize: textSize(), formatter: (v: number) => percent(v, digits) },
          splitNumber: narrow ? 3 : 5,
        },
        yAxis: rowAxis(colours, names),
        tooltip: rowTooltip(shown, (w) =>
          [
            `${shortName(w.asset, 40)}`,
            `now ${percent(w.current_weight)}`,
            `target ${percent(w.target_weight)} ± ${percent(w.band_half_width)}`,
            `tilted target ${percent(w.optimized_target_weight)}`,
            `after ${percent(w.weight_after)}`,
            `no trade pays ${regionInWords(w)}`,
            `drift ${points(w.drift)}`,
          ].join("\n"),
        ),
        series: [
          {
            name: "band",
            type: "custom",
            renderItem: band,
            data: shown.map((w, row) => [...bandOf(w), row]),
            encode: { x: [0, 1], y: 2 },
            z: 1,
          },
          noTradeBars(colours, shown, highest),
          wayFromNowToAfter(
            colours,
            shown.map((w) => [w.current_weight, w.weight_after]),
          ),
          weight("now", (w) => w.current_weight, {
            symbol: "circle",
            symbolSize: 11,
            itemStyle: { color: colours.surface, borderColor: colours.now, borderWidth: 2.5 },
          }),
          weight("target", (w) => w.optimized_target_weight, {
            symbol: "rect",
            symbolSize: [3, 20],
            itemStyle: { color: colours.target },
          }),
          weight("after", (w) => w.weight_after, { symbol: "diamond", symbolSize: 13, itemStyle: { color: colours.after } }),
        ] as never,
      };
    },
  };
}
