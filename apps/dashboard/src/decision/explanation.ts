/** What each feature adds to the forecast of an asset, as a waterfall. */

import type { Drawing } from "../charts/frame";
import { waterfallOption } from "../charts/waterfall";
import type { Bar } from "../display/bars";
import { explanationBars, inWords, yearly, type Explained } from "../display/explanation";
import { dataTable } from "../dom/table";
import { decimal } from "../format";

export function explanationDrawing(asset: string, explained: Explained): Drawing {
  const bars = explanationBars(explained);
  const rank = (bar: Bar, i: number): string => {
    const at = explained.contributions[i - 1];
    return at && !bar.isWhole ? decimal(at.value) : "";
  };
  return {
    description: inWords(asset, bars),
    height: bars.length * 40 + 64,
    table: () =>
      dataTable<{ bar: Bar; rank: string }>(
        [
          { title: "Part", heading: true, cell: ({ bar }) => bar.name },
          { title: "Rank among the assets, −0.5 to 0.5", numeric: true, cell: (row) => row.rank },
          { title: "Adds, % a year", numeric: true, cell: ({ bar }) => yearly(bar) },
        ],
        bars.map((bar, i) => ({ bar, rank: rank(bar, i) })),
        { caption: "Exact SHAP values of the model: what it computes, not what causes a return" },
      ),
    option: waterfallOption<Bar>({
      bars,
      axis: "% a year",
      isGain: true,
      label: yearly,
      tip: (bar) => `${bar.name}\n${yearly(bar)} a year`,
    }),
  };
}
