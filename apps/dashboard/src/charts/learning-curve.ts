/** How the policies of an allocator grew with the steps of their training: the seeds as a band around their mean. */

import type { CustomSeriesRenderItem } from "echarts";
import type { Allocator } from "../api/types";
import { curvePoints, type CurvePoint } from "../display/allocator";
import { dataTable } from "../dom/table";
import { decimal, integer, percent, tickDigits } from "../format";
import { axisStyle, namedAxis, textSize, tooltipText, type Drawing } from "./frame";

export function learningCurveDrawing(allocator: Allocator): Drawing {
  const { seeds, equal_weights_growth_annual: equal } = allocator.learning_curve;
  const curve = curvePoints(allocator);
  const [first, last] = [curve[0], curve.at(-1)];
  const ends = [...curve.flatMap(({ low, high }) => [low, high]), equal];
  const digits = tickDigits(100 * (Math.max(...ends) - Math.min(...ends)), 1);
  return {
    description:
      `Growth a year over the days of the training, without exploration and net of costs. The mean of ${seeds.length} seeds goes from ` +
      `${percent(first?.mean)} before the training to ${percent(last?.mean)} after ${integer(last?.steps)} steps, where the seeds are ` +
      `between ${percent(last?.low)} and ${percent(last?.high)}. Equal weights grew by ${percent(equal)}.`,
    height: 240,
    note: "It is the past that was learned; what it is worth is in the table of the days held out.",
    table: () =>
      dataTable<CurvePoint>(
        [
          { title: "Steps", heading: true, numeric: true, cell: (point) => integer(point.steps) },
          { title: "Mean", numeric: true, cell: (point) => percent(point.mean) },
          ...seeds.map(({ seed }, i) => ({
            title: `Seed ${seed}`,
            numeric: true,
            cell: (point: CurvePoint) => percent(point.growth[i]),
          })),
        ],
        curve,
        { caption: "Logarithmic growth a year over the days of the training" },
      ),
    option: ({ colours }) => {
      const band: CustomSeriesRenderItem = (_, api) => ({
        type: "polygon",
        shape: {
          points: [
            ...curve.map(({ steps, high }) => api.coord([steps, high])),
            ...curve.map(({ steps, low }) => api.coord([steps, low])).reverse(),
          ],
        },
        style: { fill: colours.target, opacity: 0.2 },
        silent: true,
      });
      const line = (name: string, data: number[][], colour: string, type: string): object => ({
        name,
        type: "line",
        data,
        symbolSize: 0,
        lineStyle: { color: colour, width: 2, type },
        itemStyle: { color: colour },
      });
      return {
        grid: { left: textSize(56), right: 24, top: 12, bottom: textSize(44) },
        xAxis: { ...namedAxis(colours, "steps"), max: last?.steps ?? 1, splitLine: { show: false } },
        yAxis: {
          type: "value",
          scale: true,
          ...axisStyle(colours),
          axisLabel: { color: colours.muted, fontSize: textSize(), formatter: (v: number) => `${decimal(100 * v, digits)}%` },
        },
        tooltip: {
          trigger: "axis",
          formatter: (items: unknown) => {
            const steps = (Array.isArray(items) ? (items[0] as { value?: number[] } | undefined)?.value?.[0] : undefined) ?? -1;
            const point = curve.find((one) => one.steps === steps);
            if (!point) return "";
            const told = seeds.map(({ seed }, i) => `seed ${seed}  ${percent(point.growth[i])}`);
            return tooltipText([`${integer(steps)} steps`, `mean  ${percent(point.mean)}`, ...told].join("\n"));
          },
        },
        series: [
          { type: "custom", name: "seeds", data: [[0, equal]], renderItem: band, z: 1 },
          line(
            "mean",
            curve.map(({ steps, mean }) => [steps, mean]),
            colours.target,
            "solid",
          ),
          line(
            "equal weights",
            curve.map(({ steps }) => [steps, equal]),
            colours.now,
            "dashed",
          ),
        ] as never,
      };
    },
  };
}
