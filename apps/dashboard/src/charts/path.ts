/** The weights that a plan over several periods intends: now, after today's trades, and after those of each later period. */

import type { Plan } from "../api/types";
import { pathLines, type PlanPath } from "../decision/path-words";
import { dataTable } from "../dom/table";
import type { Palette } from "../dom/theme";
import { decimal, integer, percent, points, shortName, tickDigits } from "../format";
import { axisStyle, namedAxis, textSize, tooltipText, type Drawing } from "./frame";

/** Lines that can be told apart: the assets that move most. */
const SHOWN = 6;
const COLOURS: readonly (keyof Palette)[] = ["after", "positive", "negative", "text", "muted", "now"];

export function pathDrawing(plan: Pick<Plan, "weights">, path: PlanPath): Drawing {
  const all = pathLines(plan, path);
  const lines = all.slice(0, SHOWN);
  const values = lines.flatMap((line) => line.weights);
  const span = Math.max(...values) - Math.min(...values);
  const when = (step: number): string => (step === 0 ? "now" : step === 1 ? "today's step" : `step ${integer(step)}`);
  return {
    description:
      `Weights over ${integer(path.steps.length)} steps. ` +
      lines.map((l) => `${l.name} from ${percent(l.weights[0])} to ${percent(l.weights.at(-1))}.`).join(" "),
    height: 220,
    note: all.length > SHOWN ? `The ${SHOWN} assets that move most; “Show data” lists all.` : undefined,
    table: () =>
      dataTable<number>(
        [
          { title: "Step", heading: true, cell: when },
          ...all.map((line) => ({ title: line.name, numeric: true, cell: (t: number) => percent(line.weights[t]) })),
          { title: "Cash flow", numeric: true, cell: (t) => flow(path, t) },
          { title: "Turnover", numeric: true, cell: (t) => (t === 0 ? "" : percent(path.steps[t - 1]?.turnover)) },
          { title: "Cost, bp", numeric: true, cell: (t) => (t === 0 ? "" : decimal(basisPoints(path.steps[t - 1]?.cost))) },
        ],
        Array.from({ length: path.steps.length + 1 }, (_, t) => t),
        { caption: "The path, shares of NAV today" },
      ),
    option: ({ colours }) => ({
      grid: { left: textSize(56), right: textSize(100), top: 12, bottom: textSize(40) },
      xAxis: { ...namedAxis(colours, "step"), min: 0, max: path.steps.length, minInterval: 1, splitLine: { show: false } },
      yAxis: {
        type: "value",
        scale: true,
        ...axisStyle(colours),
        axisLabel: { color: colours.muted, fontSize: textSize(), formatter: (v: number) => percent(v, tickDigits(100 * span)) },
      },
      tooltip: {
        trigger: "axis",
        formatter: (items: unknown) => {
          const t = (Array.isArray(items) ? (items[0] as { value?: number[] } | undefined)?.value?.[0] : undefined) ?? 0;
          return tooltipText([when(t), ...lines.map((l) => `${l.name} ${percent(l.weights[t])}`)].join("\n"));
        },
      },
      series: lines.map((line, i) => ({
        name: line.name,
        type: "line",
        data: line.weights.map((value, t) => [t, value]),
        symbolSize: 5,
        itemStyle: { color: colours[COLOURS[i] ?? "muted"] },
        lineStyle: { color: colours[COLOURS[i] ?? "muted"], width: 2 },
        endLabel: { show: true, formatter: shortName(line.name, 12), color: colours.muted, fontSize: textSize() },
      })) as never,
    }),
  };
}

function flow({ steps }: PlanPath, t: number): string {
  const value = t === 0 ? 1 : (steps[t - 1]?.value ?? 1);
  const before = t < 2 ? 1 : (steps[t - 2]?.value ?? 1);
  return value === before ? "" : points(value - before);
}

const basisPoints = (fraction: number | undefined) => (fraction === undefined ? undefined : 1e4 * fraction);
