/** Tables: columns with their alignment, rows as cells, and a pager when there are very many rows. */

import { append, fill, h, type Child } from "./element";

export interface Column<Row> {
  /** Heading; the unit belongs in it. */
  title: string;
  /** Numbers are right-aligned with tabular figures. */
  numeric?: boolean;
  /** The row's own name: rendered as a row heading. */
  heading?: boolean;
  cell: (row: Row, index: number) => Child;
}

export interface TableOptions {
  caption: string;
  /** Hides the caption from sight when a heading beside the table says the same. */
  captionHidden?: boolean;
  class?: string;
  /** Rows shown at first; a button shows more. Default 100. */
  pageSize?: number;
}

/** A table in a scrollable frame, so that a wide one scrolls alone and not with the page. */
export function dataTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], options: TableOptions): HTMLElement {
  const pageSize = options.pageSize ?? 100;
  const head = h("tr");
  for (const column of columns)
    head.append(h("th", { scope: "col", class: column.numeric ? "number" : undefined }, column.title));
  const body = h("tbody");
  const table = h(
    "table",
    { class: options.class },
    h("caption", { class: options.captionHidden ? "visually-hidden" : undefined }, options.caption),
    h("thead", {}, head),
    body,
  );
  const frame = h("div", { class: "table-frame", tabindex: 0, role: "region", "aria-label": options.caption }, table);
  const pager = h("p", { class: "pager" });
  let shown = 0;
  const more = (): void => {
    const end = Math.min(shown + pageSize, rows.length);
    for (; shown < end; shown += 1) {
      const row = rows[shown] as Row;
      const line = h("tr");
      for (const column of columns) {
        const cell = h(column.heading ? "th" : "td", {
          scope: column.heading ? "row" : undefined,
          class: column.numeric ? "number" : undefined,
        });
        append(cell, [column.cell(row, shown)]);
        line.append(cell);
      }
      body.append(line);
    }
    if (rows.length <= pageSize) return;
    fill(pager, `${shown.toLocaleString("en-US")} of ${rows.length.toLocaleString("en-US")} rows shown. `);
    if (shown < rows.length)
      pager.append(
        h("button", { type: "button", class: "quiet", onclick: more }, `Show ${Math.min(pageSize, rows.length - shown)} more`),
      );
  };
  more();
  return h("div", { class: "data-table" }, frame, rows.length > pageSize && pager);
}
