/** The roles of columns and the marks of decimals, as the reader chooses them. */

import type { ColumnRole, ImportReading } from "../api/types";

export const ROLES: Readonly<Record<ColumnRole, string>> = {
  asset: "Asset",
  identifier: "Identifier (ISIN, CUSIP)",
  name: "Name",
  quantity: "Units held",
  price: "Price",
  value: "Value",
  target_weight: "Target weight",
  current_weight: "Current weight",
  account: "Account",
  asset_class: "Asset class",
  currency: "Currency",
  date: "Date",
  series: "Prices or returns",
  unused: "Not read",
};

/** What a column of a history can hold. */
export const ROLES_OF_HISTORY: readonly ColumnRole[] = ["series", "date", "unused"];

export const MARKS: Readonly<Record<"" | "point" | "comma", string>> = {
  "": "As the file proves",
  point: "After a point: 1,234.50",
  comma: "After a comma: 1.234,50",
};

/** Columns that are not read: the service names the row of their headings. That row of a table that cannot be read is none of them. */
export function unreadColumns({
  set_aside,
  header_row,
}: Pick<ImportReading, "set_aside" | "header_row">): ImportReading["set_aside"] {
  return set_aside.filter(({ row, reason }) => row === header_row && reason.startsWith("column "));
}
