/** Implementation shortfall as a waterfall. */

import type { Drawing } from "../charts/frame";
import { waterfallOption } from "../charts/waterfall";
import { dataTable } from "../dom/table";
import { amount, decimal, MISSING, money } from "../format";
import type { Step } from "./steps";

export function waterfallDrawing(steps: readonly Step[], currency: string): Drawing {
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
    option: waterfallOption<Step>({
      bars: steps,
      axis: currency,
      isGain: false,
      label: (step) => amount(step.value, currency),
      tip: (step) => `${step.name}\n${money(step.value, currency)}, ${decimal(step.bps)} bps`,
    }),
  };
}
