/** What each asset adds to the portfolio's volatility, now and after the plan. */

import type { Plan, RiskContributions } from "../api/types";
import { dataTable } from "../dom/table";
import { decimal, integer, percent, points, shortName, tickDigits } from "../format";
import { namedAxis, textSize, type Drawing } from "./frame";
import { rowAxis, rowTooltip } from "./rows";
import { wayFromNowToAfter } from "./way";

const MOST = 30;
const ROW = 34;

export function contributionsDrawing(plan: Plan, now: RiskContributions, after: RiskContributions): Drawing | undefined {
  if (!now.component_vol_ann && !after.component_vol_ann) return undefined;
  // A portfolio of cash alone has no volatility, and no asset adds to it.
  const [before, later] = [now.component_vol_ann ?? [], after.component_vol_ann ?? []];
  const rows = plan.weights.map((w, i) => ({
    i,
    asset: w.asset,
    weight: w.current_weight,
    weightAfter: w.weight_after,
    now: before[i] ?? 0,
    after: later[i] ?? 0,
  }));
  type Row = (typeof rows)[number];
  const size = (row: Row): number => Math.max(Math.abs(row.now), Math.abs(row.after));
  const shown = rows.length <= MOST ? rows : [...rows].sort((a, b) => size(b) - size(a)).slice(0, MOST);
  const largest = [...rows].sort((a, b) => b.now - a.now)[0];
  const ends = shown.flatMap((row) => [row.now, row.after, 0]);
  const digits = tickDigits(100 * (Math.max(...ends) - Math.min(...ends)));
  return {
    description:
      `Contributions to the annual volatility of ${percent(now.vol_ann)} now and ${percent(after.vol_ann)} after the plan. ` +
      `The largest now is ${largest?.asset ?? ""} with ${points(largest?.now)}.`,
    height: shown.length * ROW + 64,
    note: rows.length > MOST ? `The ${MOST} largest of ${integer(rows.length)} assets; “Show data” lists all.` : undefined,
    table: () =>
      dataTable<Row>(
        [
          { title: "Asset", heading: true, cell: (row) => row.asset },
          { title: "Weight now", numeric: true, cell: (row) => percent(row.weight) },
          { title: "Volatility now", numeric: true, cell: (row) => points(row.now) },
          { title: "Share now", numeric: true, cell: (row) => percent(now.percent_vol?.[row.i], 1) },
          { title: "Share of CVaR now", numeric: true, cell: (row) => percent(now.percent_cvar95?.[row.i], 1) },
          { title: "Weight after", numeric: true, cell: (row) => percent(row.weightAfter) },
          { title: "Volatility after", numeric: true, cell: (row) => points(row.after) },
          { title: "Share after", numeric: true, cell: (row) => percent(after.percent_vol?.[row.i], 1) },
          { title: "Share of CVaR after", numeric: true, cell: (row) => percent(after.percent_cvar95?.[row.i], 1) },
        ],
        rows,
        { caption: "Contributions to annual volatility (pp) and to daily CVaR at 95%" },
      ),
    option: ({ colours, width }) => {
      const narrow = width < 520;
      return {
        grid: { left: textSize(narrow ? 96 : 148), right: 20, top: 8, bottom: textSize(44) },
        xAxis: {
          ...namedAxis(colours, "pp of annual volatility", (v) => decimal(v * 100, digits)),
          splitNumber: narrow ? 3 : 5,
        },
        yAxis: rowAxis(
          colours,
          shown.map((row) => shortName(row.asset, narrow ? 12 : 18)),
          true,
        ),
        tooltip: rowTooltip(shown, (row) =>
          [
            `${shortName(row.asset, 40)}`,
            `now ${points(row.now)}, ${percent(now.percent_vol?.[row.i], 1)} of all`,
            `after ${points(row.after)}, ${percent(after.percent_vol?.[row.i], 1)} of all`,
          ].join("\n"),
        ),
        series: [
          wayFromNowToAfter(
            colours,
            shown.map((row) => [row.now, row.after]),
          ),
          {
            name: "now",
            type: "scatter",
            data: shown.map((row, at) => [row.now, at]),
            z: 3,
            symbol: "circle",
            symbolSize: 11,
            itemStyle: { color: colours.surface, borderColor: colours.now, borderWidth: 2.5 },
          },
          {
            name: "after",
            type: "scatter",
            data: shown.map((row, at) => [row.after, at]),
            z: 4,
            symbol: "diamond",
            symbolSize: 13,
            itemStyle: { color: colours.after },
          },
        ] as never,
      };
    },
  };
}
