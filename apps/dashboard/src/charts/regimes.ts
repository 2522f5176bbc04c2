/** The probability of the turbulent state under a history. */

import { dataTable } from "../dom/table";
import { integer, percent } from "../format";
import { daysOf } from "./days";
import { axisStyle, namedAxis, textSize, tooltipText, type Drawing } from "./frame";

/** `probabilities`: one for each return, oldest first; `dates`: those of the returns, empty where nobody said. */
export function regimesDrawing(probabilities: readonly number[], dates: readonly string[]): Drawing {
  const length = probabilities.length;
  const { isDated, day, period } = daysOf(dates, length + 1);
  const turbulent = probabilities.filter((p) => p > 0.5).length;
  return {
    description:
      `Probability of the turbulent state after each return ${period}. It is above one half on ${integer(turbulent)} of ` +
      `${integer(length)} days and ends at ${percent(probabilities.at(-1), 0)}.`,
    height: 180,
    table: () =>
      dataTable<number>(
        [
          { title: isDated ? "Date" : "Day", heading: true, cell: (t) => (isDated ? day(t + 1) : integer(t + 1)) },
          { title: "Turbulent", numeric: true, cell: (t) => percent(probabilities[t], 1) },
        ],
        Array.from({ length }, (_, t) => t),
        { caption: "Probability of the turbulent state, by trading day" },
      ),
    option: ({ colours }) => ({
      grid: { left: textSize(56), right: 16, top: 12, bottom: textSize(40) },
      xAxis: {
        ...namedAxis(colours, isDated ? "date" : "trading days"),
        min: 1,
        max: Math.max(2, length),
        axisLabel: {
          ...axisStyle(colours).axisLabel,
          showMaxLabel: false,
          ...(isDated ? { formatter: (t: number) => dates[Math.round(t) - 1]?.slice(0, 7) ?? "" } : {}),
        },
        splitLine: { show: false },
      },
      yAxis: {
        type: "value",
        min: 0,
        max: 1,
        ...axisStyle(colours),
        axisLabel: { color: colours.muted, fontSize: textSize(), formatter: (v: number) => percent(v, 0) },
      },
      tooltip: {
        trigger: "axis",
        formatter: (items: unknown) => {
          const t = (Array.isArray(items) ? (items[0] as { value?: number[] } | undefined)?.value?.[0] : undefined) ?? 1;
          return tooltipText([day(t), `turbulent ${percent(probabilities[t - 1], 1)}`].join("\n"));
        },
      },
      series: [
        {
          name: "turbulent",
          type: "line",
          showSymbol: false,
          data: probabilities.map((value, t) => [t + 1, value]),
          itemStyle: { color: colours.now },
          lineStyle: { color: colours.now, width: 1 },
          areaStyle: { color: colours.now, opacity: 0.25 },
        },
      ] as never,
    }),
  };
}
