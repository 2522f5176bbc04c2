/** Quantiles of the returns of the coming days of an asset, beside conformal intervals; and the inputs that a transformer used. */

import type { CustomSeriesRenderItem } from "echarts";
import type { Quantiles } from "../api/types";
import { selectionRows, type SelectionRow } from "../display/coming-days";
import { dataTable } from "../dom/table";
import { decimal, integer, MISSING, percent, shortName, tickDigits } from "../format";
import { axisStyle, namedAxis, textSize, tooltipText, type Drawing } from "./frame";
import { rowAxis, rowTooltip } from "./rows";

type AssetDays = Quantiles["assets"][number];
type Day = AssetDays["days"][number];

const ROW = 30;

/** The interval of a day in words, or why there is none. */
function conformal(day: Day): string {
  const interval = day.conformal_interval;
  return interval ? `${percent(interval[0])} to ${percent(interval[1])}` : `${MISSING}: ${day.conformal_interval_reason ?? ""}`;
}

export function comingDaysDrawing({ levels }: Quantiles, { asset, days }: AssetDays): Drawing {
  const [first, last] = [0, levels.length - 1];
  const middle = Math.floor(levels.length / 2);
  const at = (day: Day | undefined, level: number): number => day?.quantiles[level] ?? 0;
  const ends = days.flatMap((day) => [at(day, first), at(day, last), ...(day.conformal_interval ?? [])]);
  const digits = tickDigits(100 * (Math.max(...ends) - Math.min(...ends)), 2);
  const next = days[0];
  return {
    description:
      `Return of ${asset} on each of the ${days.length} coming days. On the next one it is between ${percent(at(next, first))} and ` +
      `${percent(at(next, last))} nine times in ten, by the network; by the conformal interval ${next ? conformal(next) : MISSING}.`,
    height: 280,
    table: () =>
      dataTable<Day>(
        [
          { title: "Days ahead", heading: true, cell: (day) => integer(day.days_ahead) },
          ...levels.map((level, i) => ({
            title: percent(level, 0),
            numeric: true,
            cell: (day: Day) => percent(day.quantiles[i]),
          })),
          { title: "Conformal interval", numeric: true, cell: conformal },
        ],
        days,
        { caption: `Quantiles of the return of each coming day, ${asset}` },
      ),
    option: ({ colours }) => {
      const ribbon =
        (low: number, high: number, opacity: number): CustomSeriesRenderItem =>
        (_, api) => {
          const edge = (level: number): number[][] => days.map((day) => api.coord([day.days_ahead, at(day, level)]));
          return {
            type: "polygon",
            shape: { points: [...edge(high), ...edge(low).reverse()] },
            style: { fill: colours.target, opacity },
            silent: true,
          };
        };
      const line = (name: string, value: (day: Day) => number | null | undefined, colour: string, style: object): object => ({
        name,
        type: "line",
        data: days.map((day) => [day.days_ahead, value(day) ?? null]),
        symbolSize: days.length < 4 ? 6 : 0,
        lineStyle: { color: colour, ...style },
        itemStyle: { color: colour },
        z: 3,
      });
      const dashed = { width: 2, type: "dashed" };
      return {
        grid: { left: textSize(56), right: 16, top: 12, bottom: textSize(40) },
        xAxis: {
          ...namedAxis(colours, "days ahead"),
          min: 1,
          max: Math.max(days.length, 2),
          minInterval: 1,
          splitLine: { show: false },
        },
        yAxis: {
          type: "value",
          scale: true,
          ...axisStyle(colours),
          axisLabel: { color: colours.muted, fontSize: textSize(), formatter: (v: number) => `${decimal(100 * v, digits)}%` },
        },
        tooltip: {
          trigger: "axis",
          formatter: (items: unknown) => {
            const ahead = (Array.isArray(items) ? (items[0] as { value?: number[] } | undefined)?.value?.[0] : undefined) ?? -1;
            const day = days.find(({ days_ahead }) => days_ahead === ahead);
            if (!day) return "";
            const told = levels.map((level, i) => `${percent(level, 0)}  ${percent(day.quantiles[i])}`).reverse();
            return tooltipText([`${integer(ahead)} ahead`, ...told, `conformal  ${conformal(day)}`].join("\n"));
          },
        },
        series: [
          { type: "custom", name: "outer", data: [[1, 0]], renderItem: ribbon(first, last, 0.16), z: 1 },
          { type: "custom", name: "inner", data: [[1, 0]], renderItem: ribbon(1, last - 1, 0.26), z: 2 },
          line("low", (day) => at(day, first), colours.target, { width: 1 }),
          line("high", (day) => at(day, last), colours.target, { width: 1 }),
          line("median", (day) => at(day, middle), colours.target, { width: 2.5 }),
          line("conformal low", (day) => day.conformal_interval?.[0], colours.negative, dashed),
          line("conformal high", (day) => day.conformal_interval?.[1], colours.negative, dashed),
        ] as never,
      };
    },
  };
}

export function selectionDrawing(quantiles: Quantiles): Drawing {
  const rows = selectionRows(quantiles);
  const largest = rows[0];
  return {
    description:
      `How much of each input the network uses. The largest of the past is ${largest?.input ?? ""} ` +
      `with ${percent(largest?.weight, 1)}.`,
    height: rows.length * ROW + 64,
    table: () =>
      dataTable<SelectionRow>(
        [
          { title: "Input", heading: true, cell: (row) => row.input },
          { title: "Selection", cell: (row) => row.kind },
          { title: "Weight", numeric: true, cell: (row) => percent(row.weight, 1) },
        ],
        rows,
        { caption: "Selection weights; those of each selection sum to 100%" },
      ),
    option: ({ colours, width }) => {
      const narrow = width < 520;
      return {
        grid: { left: textSize(narrow ? 128 : 220), right: textSize(56), top: 8, bottom: textSize(44) },
        xAxis: { ...namedAxis(colours, "weight", (v) => percent(v, 0)), min: 0, max: 1, splitNumber: narrow ? 2 : 5 },
        yAxis: rowAxis(
          colours,
          rows.map((row) => shortName(row.input, narrow ? 18 : 34)),
        ),
        tooltip: rowTooltip(rows, (row) => `${row.input}\n${row.kind}: ${percent(row.weight, 1)}`),
        series: [
          {
            type: "bar",
            barMaxWidth: 18,
            data: rows.map((row, i) => ({
              value: [row.weight, i],
              itemStyle: { color: row.kind === "past" ? colours.target : colours.now },
              label: {
                show: true,
                position: "right",
                color: colours.text,
                fontSize: textSize(),
                formatter: () => percent(row.weight, 1),
              },
            })),
          },
        ] as never,
      };
    },
  };
}
