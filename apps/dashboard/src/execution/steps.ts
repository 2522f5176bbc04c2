/** The parts of an implementation shortfall, one after another. */

import type { TcaCosts } from "../api/types";
import { minorDigits } from "../format";

export interface Step {
  name: string;
  value: number;
  bps: number | null;
  /** Where its bar begins and ends, in money. */
  from: number;
  to: number;
  isWhole?: boolean;
}

/** Delay, trading, opportunity and fees, then their sum; nothing where a part is not known. */
export function stepsOf(costs: TcaCosts): Step[] | undefined {
  const { shortfall, opportunity } = costs;
  if (shortfall === null || opportunity === null) return undefined;
  const parts: [string, number, number | null][] = [
    ["Delay", costs.delay, costs.delay_bps],
    ["Trading", costs.trading, costs.trading_bps],
    ["Opportunity", opportunity, costs.opportunity_bps],
    ["Fees", costs.fees, costs.fees_bps],
  ];
  let end = 0;
  const steps = parts.map(([name, value, bps]): Step => {
    const from = end;
    end += value;
    return { name, value, bps, from, to: end };
  });
  return [...steps, { name: "Shortfall", value: shortfall, bps: costs.shortfall_bps, from: 0, to: shortfall, isWhole: true }];
}

/** The shortfall less its parts, counted in minor units as the service does; 0 where the parts are the whole. */
export function residual(costs: TcaCosts, currency: string): number | undefined {
  if (costs.shortfall === null || costs.opportunity === null) return undefined;
  const unit = 10 ** minorDigits(currency);
  const minor = (value: number): number => Math.round(value * unit);
  const parts = [costs.delay, costs.trading, costs.opportunity, costs.fees].reduce((sum, part) => sum + minor(part), 0);
  return (minor(costs.shortfall) - parts) / unit;
}
