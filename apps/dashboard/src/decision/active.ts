/** How far the weights are from the policy before and after the plan, and which assets make the tracking error. */

import type { ActiveRisk, Plan } from "../api/types";
import { dataTable } from "../dom/table";
import { percent, points } from "../format";

interface Row {
  name: string;
  read: (risk: ActiveRisk) => number | null | undefined;
}

/** The table; `null` for a plan that was stored before plans had these figures. */
export function activeTable(plan: Plan): HTMLElement | null {
  const risk = plan.active_risk as Plan["active_risk"] | undefined;
  if (!risk) return null;
  const { before, after } = risk;
  const rows: Row[] = [
    { name: "Active share", read: (side) => side.active_share },
    { name: "Annual tracking error to the targets", read: (side) => side.tracking_error },
    ...plan.weights.map((entry, i) => ({ name: `of it ${entry.asset}`, read: (side: ActiveRisk) => side.contributions?.[i] })),
  ];
  const change = ({ read }: Row): string => {
    const [now, then] = [read(before), read(after)];
    return points(typeof now === "number" && typeof then === "number" ? then - now : null);
  };
  return dataTable<Row>(
    [
      { title: "Distance from the policy", heading: true, cell: (row) => row.name },
      { title: "Now", numeric: true, cell: (row) => percent(row.read(before)) },
      { title: "After", numeric: true, cell: (row) => percent(row.read(after)) },
      { title: "Now to after", numeric: true, cell: change },
    ],
    rows,
    { caption: "Active share and tracking error to the target weights; the parts of the assets add up to it", pageSize: 12 },
  );
}
