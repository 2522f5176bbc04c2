/** Implementation shortfall as a waterfall: each part from where the one before it ends, the whole at the end. */

import { axisStyle, namedAxis, textSize, tooltipText, type Drawing } from "../charts/frame";
import { dataTable } from "../dom/table";
import { amount, decimal, MISSING, money, tickDigits } from "../format";
import type { Step } from "./steps";

export function waterfallDrawing(steps: readonly Step[], currency: string): Drawing {
  const ends = steps.flatMap(({ from, to }) => [from, to]);
  const digits = tickDigits(Math.max(...ends) - Math.min(...ends));
  const last = steps.at(-1);
  return {
    description:
      `Implementation shortfall of ${money(last?.value, currency)} against the decision price: ` +
      `${steps
        .slice(0, -1)
        .map((step) => `${step.name.toLowerCase()} ${money(step.value, currency)}`)
        .join(", ")}.`,
    height: steps.length * 40 + 64,
    table: () =>
      dataTable<Step>(
        [
          { title: "Part", heading: true, cell: (step) => step.name },
          { title: `Cost, ${currency}`, numeric: true, cell: (step) => amount(step.value, currency) },
          {
            title: "Bps of the decision value",
            numeric: true,
            cell: (step) => (step.bps === null ? MISSING : decimal(step.bps)),
          },
        ],
        steps,
        { caption: "Positive for a cost, negative for a gain" },
      ),
    option: ({ colours, width }) => {
      const narrow = width < 520;
      const fillOf = (step: Step): string =>
        step.isWhole ? colours.after : step.value > 0 ? colours.negative : colours.positive;
      return {
        grid: { left: textSize(narrow ? 84 : 110), right: textSize(narrow ? 64 : 96), top: 8, bottom: textSize(44) },
        xAxis: { ...namedAxis(colours, currency, (value) => decimal(value, digits)), splitNumber: narrow ? 3 : 5 },
        yAxis: {
          type: "category",
          inverse: true,
          data: steps.map((step) => step.name),
          ...axisStyle(colours),
          axisLine: { show: true, onZero: true, lineStyle: { color: colours.edge } },
          axisLabel: { color: colours.text, fontSize: textSize(), interval: 0 },
          splitLine: { show: false },
        },
        tooltip: {
          trigger: "axis",
          axisPointer: { type: "shadow", shadowStyle: { opacity: 0.08 } },
          formatter: (items: unknown) => {
            const at = Array.isArray(items) ? (items[0] as { dataIndex?: number } | undefined)?.dataIndex : undefined;
            const step = at === undefined ? undefined : steps[at];
            return step ? tooltipText(`${step.name}\n${money(step.value, currency)}, ${decimal(step.bps)} bps`) : "";
          },
        },
        series: [
          {
            type: "custom",
            data: steps.map((step, i) => [i, step.from, step.to]),
            encode: { x: [1, 2], y: 0 },
            renderItem: (
              _: unknown,
              api: { value: (at: number) => number; coord: (at: [number, number]) => [number, number] },
            ) => {
              const step = steps[api.value(0)];
              const [x, y] = api.coord([api.value(1), api.value(0)]);
              const [end] = api.coord([api.value(2), api.value(0)]);
              const bar = textSize(20);
              if (!step) return undefined;
              return {
                type: "group",
                children: [
                  {
                    type: "rect",
                    shape: { x: Math.min(x, end), y: y - bar / 2, width: Math.max(1.5, Math.abs(end - x)), height: bar },
                    style: { fill: fillOf(step) },
                  },
                  {
                    type: "text",
                    style: {
                      text: amount(step.value, currency),
                      x: Math.max(x, end) + 6,
                      y,
                      verticalAlign: "middle",
                      fill: colours.text,
                      fontSize: textSize(),
                    },
                  },
                ],
              };
            },
          },
        ] as never,
      };
    },
  };
}
