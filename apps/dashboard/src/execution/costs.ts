/** Costs of execution in words, drawn and in numbers. */

import type { TcaCosts } from "../api/types";
import { ChartFrame } from "../charts/frame";
import { decimal, money } from "../format";
import { residual, stepsOf } from "./steps";
import { waterfallDrawing } from "./waterfall";

export function waterfallFrame(): ChartFrame {
  return new ChartFrame("Implementation shortfall", "Each part begins where the one before it ends", [
    { label: "cost", mark: "key-bar negative" },
    { label: "gain", mark: "key-bar" },
    { label: "whole", mark: "key-bar after" },
  ]);
}

/** Draws the parts of a shortfall, or says why there is none. */
export function drawCosts(frame: ChartFrame, costs: TcaCosts, currency: string, reason: string): void {
  const steps = stepsOf(costs);
  if (steps) frame.show(waterfallDrawing(steps, currency));
  else frame.say(reason);
}

/** "Shortfall 76.00 USD, 19.00 bps of 40,000.00 USD. Its parts leave a residual of 0.00 USD." */
export function costsInWords(costs: TcaCosts, currency: string): string {
  const left = residual(costs, currency);
  if (left === undefined) return `Decision value ${money(costs.decision_value, currency)}. The shortfall is not known.`;
  return (
    `Shortfall ${money(costs.shortfall, currency)}, ${decimal(costs.shortfall_bps)} bps of ${money(costs.decision_value, currency)}. ` +
    `Its parts leave a residual of ${money(left, currency)}.`
  );
}
