/** The weights of each asset between which no trade of it pays: as a bar in its row, and in words. */

import type { CustomSeriesOption } from "echarts";
import type { WeightEntry } from "../api/types";
import type { Palette } from "../dom/theme";
import { percent } from "../format";

/** Below the other marks of the row, and the height of its caps. */
const BELOW = 13;
const CAP = 4;

/** `24.10% – 26.30%`, or why there is no such region. */
export function regionInWords(weight: WeightEntry): string {
  const region = weight.no_trade_region;
  return region ? `${percent(region.lower)} – ${percent(region.upper)}` : (weight.no_trade_region_reason ?? "");
}

/** How many assets the plan leaves inside their region, of those that have one. */
export function insideRegions(weights: readonly WeightEntry[]): string {
  const measured = weights.filter((w) => w.no_trade_region);
  // The end of a region is where an optimal plan stops; its trades are booked in whole cents.
  const inside = measured.filter((w) => isInside(w)).length;
  return `The plan leaves ${inside} of ${measured.length} inside the weights between which no trade of them pays.`;
}

function isInside({ weight_after, no_trade_region: region }: WeightEntry): boolean {
  const ROUNDING = 1e-5;
  return !!region && weight_after >= region.lower - ROUNDING && weight_after <= region.upper + ROUNDING;
}

/** `top`: the largest weight on the axis. A region that goes on beyond it has no cap there. */
export function noTradeBars(colours: Palette, weights: readonly WeightEntry[], top: number): CustomSeriesOption {
  return {
    name: "no trade pays",
    type: "custom",
    renderItem: (_, api) => {
      const row = api.value(2) as number;
      const [x1 = 0, middle = 0] = api.coord([api.value(0), row]);
      const [x2 = 0] = api.coord([api.value(1), row]);
      const y = middle + BELOW;
      const style = { stroke: colours.after, lineWidth: 2 };
      const line = (from: number, to: number, high: number, low: number) =>
        ({ type: "line", shape: { x1: from, y1: high, x2: to, y2: low }, style, silent: true }) as const;
      const caps = [x1, ...(api.value(3) === 1 ? [] : [x2])];
      return { type: "group", children: [line(x1, x2, y, y), ...caps.map((x) => line(x, x, y - CAP, y + CAP))] };
    },
    data: weights.flatMap((w, row) => {
      const region = w.no_trade_region;
      if (!region || region.lower > top) return [];
      return [[region.lower, Math.min(region.upper, top), row, region.upper > top ? 1 : 0]];
    }),
    encode: { x: [0, 1], y: 2 },
    z: 2,
  };
}
