/** The line in each row from where an asset stands now to where the plan leaves it. */

import type { CustomSeriesOption } from "echarts";
import type { Palette } from "../dom/theme";

/** `ends`: now and after of each row, from the first. */
export function wayFromNowToAfter(
  colours: Palette,
  ends: readonly (readonly [now: number, after: number])[],
): CustomSeriesOption {
  return {
    name: "from now to after",
    type: "custom",
    renderItem: (_, api) => {
      const row = api.value(2) as number;
      const [x1 = 0, y1 = 0] = api.coord([api.value(0), row]);
      const [x2 = 0, y2 = 0] = api.coord([api.value(1), row]);
      return { type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: colours.muted, lineWidth: 1.5 }, silent: true };
    },
    data: ends.map(([now, after], row) => [now, after, row]),
    encode: { x: [0, 1], y: 2 },
    z: 2,
  };
}
