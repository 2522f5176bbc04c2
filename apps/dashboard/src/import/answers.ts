/** What the reader says about a file: what columns hold, and the answers to the questions that the file leaves open. */

import type { ColumnRole, ImportQuestion, ImportReading, ImportRequest } from "../api/types";
import { adviceFor, isAsRead } from "./advice";

export interface Answers {
  /** By heading. */
  readonly columns: Readonly<Record<string, ColumnRole>>;
  readonly decimalMark: "" | "point" | "comma";
  /** Which of the first two numbers of a date is the day, where its dates leave that open. */
  readonly dateOrder: "" | "day_first" | "month_first";
  /** ISO 4217 code of amounts that state no currency; empty where nobody said. */
  readonly currency: string;
  /** The asset of the book that a history of one asset belongs to; empty where the file says it. */
  readonly assetName: string;
  /** What the numbers of a history are, where nothing proves it. */
  readonly historyUnit: "" | "prices" | "fractions" | "percent";
  /** Whether a price that moves by the ratio of a split is taken for one. */
  readonly adjustsSplits: boolean;
  /** The sheet of a workbook; empty for the first with content. */
  readonly sheet: string;
  /** What rows hold, by their numbers. */
  readonly rows: Readonly<Record<string, "asset" | "cash" | "total">>;
  /** Whether assets without a target keep the weight that they have. */
  readonly keepsWeights: boolean;
  /** Whether weights that do not sum to one leave cash. */
  readonly restIsCash: boolean;
  /** Whether an asset without a target is to be sold. */
  readonly openTargetsAreZero: boolean;
  /** Questions, by place and text, whose answer is what was read. */
  readonly accepted: readonly string[];
}

export const NO_ANSWERS: Answers = {
  columns: {},
  decimalMark: "",
  dateOrder: "",
  currency: "",
  assetName: "",
  historyUnit: "",
  adjustsSplits: false,
  sheet: "",
  rows: {},
  keepsWeights: false,
  restIsCash: false,
  openTargetsAreZero: false,
  accepted: [],
};

/** What names a question among those of its file. */
export function nameOf({ row, column, text }: ImportQuestion): string {
  return JSON.stringify([row, column, text]);
}

/** The members of the request that the answers are. */
export function mappingOf(answers: Answers): Omit<ImportRequest, "text" | "base64"> {
  const { columns, decimalMark, dateOrder, currency, assetName, historyUnit, adjustsSplits, sheet, rows } = answers;
  return {
    ...(Object.keys(columns).length > 0 && { columns: { ...columns } }),
    ...(decimalMark !== "" && { decimal_mark: decimalMark }),
    ...(dateOrder !== "" && { date_order: dateOrder }),
    ...(currency !== "" && { currency }),
    ...(assetName !== "" && { asset_name: assetName }),
    ...(historyUnit !== "" && { history_unit: historyUnit }),
    ...(adjustsSplits && { splits: "adjust" as const }),
    ...(sheet !== "" && { sheet }),
    ...(Object.keys(rows).length > 0 && { rows: { ...rows } }),
  };
}

const UNITS: Readonly<Record<string, Answers["historyUnit"]>> = {
  prices: "prices",
  "returns as fractions": "fractions",
  "returns in percent": "percent",
};
const CONTENTS: Readonly<Record<string, Answers["rows"][string]>> = { cash: "cash", "an asset": "asset", "a total": "total" };

/** What a reading does: it answers the question, leads to the fields below, or says what to change in the file. */
export type Reply = { answers: Answers } | { field: "columns" | "currency" | "asset" } | { advice: string };

/** What one of the readings of a question means. `currency` is that of the book in the editor. */
export function replyTo(
  question: ImportQuestion,
  reading: string,
  { columns }: Pick<ImportReading, "columns">,
  answers: Answers,
  currency: string,
): Reply {
  const { answered_by, column } = question;
  const mapped = (roles: Record<string, ColumnRole>): Reply => ({
    answers: { ...answers, columns: { ...answers.columns, ...roles } },
  });
  if (answered_by === "decimal_mark") {
    const mark = /the (point|comma) separates decimals/.exec(reading)?.[1];
    return mark === undefined
      ? { advice: adviceFor(reading) }
      : { answers: { ...answers, decimalMark: mark as "point" | "comma" } };
  }
  if (answered_by === "date_order" && (reading === "day first" || reading === "month first"))
    return { answers: { ...answers, dateOrder: reading === "day first" ? "day_first" : "month_first" } };
  if (answered_by === "currency")
    return reading === "the currency of the portfolio" ? { answers: { ...answers, currency } } : { field: "currency" };
  if (answered_by === "asset_name") return { field: "asset" };
  const unit = UNITS[reading];
  if (answered_by === "history_unit" && unit !== undefined) return { answers: { ...answers, historyUnit: unit } };
  if (answered_by === "splits" && reading === "a split") return { answers: { ...answers, adjustsSplits: true } };
  if (answered_by === "sheet") return { answers: { ...answers, columns: {}, rows: {}, sheet: reading } };
  const content = CONTENTS[reading];
  if (answered_by === "rows" && content !== undefined && question.row !== undefined)
    return { answers: { ...answers, rows: { ...answers.rows, [question.row]: content } } };
  if (answered_by === "columns") {
    if (column !== undefined && reading === "yes") return mapped({ [column]: "asset" });
    if (column !== undefined && reading === "values") return mapped({ [column]: "value" });
    if (column !== undefined && reading === "units") return mapped({ [column]: "quantity" });
    if (column !== undefined && (reading === "swapped" || reading === "as headed")) {
      const price = columns.find(({ role }) => role === "price")?.heading;
      const [first, second] = reading === "swapped" ? (["price", "quantity"] as const) : (["quantity", "price"] as const);
      return price === undefined ? { field: "columns" } : mapped({ [column]: first, [price]: second });
    }
    const other = question.readings.find((heading) => heading !== reading);
    const role = columns.find(({ heading, role }) => question.readings.includes(heading) && role !== "unused")?.role;
    const areHeadings = question.readings.every((heading) => columns.some((known) => known.heading === heading));
    if (areHeadings && role !== undefined && other !== undefined) return mapped({ [reading]: role, [other]: "unused" });
    return reading === "percent" || reading === "fractions" ? { advice: adviceFor(reading) } : { field: "columns" };
  }
  if (reading === "the current weights") return { answers: { ...answers, keepsWeights: true } };
  if (reading === "targets entered by hand") return { answers: { ...answers, keepsWeights: false } };
  if (reading === "the rest is cash") return { answers: { ...answers, restIsCash: true } };
  if (reading === "0 %") return { answers: { ...answers, openTargetsAreZero: true } };
  if (isAsRead(reading)) return { answers: { ...answers, accepted: [...answers.accepted, nameOf(question)] } };
  return { advice: adviceFor(reading) };
}

/** Whether a reading is the answer that was given. */
export function isGiven(question: ImportQuestion, reading: string, answers: Answers): boolean {
  if (reading === "the current weights") return answers.keepsWeights;
  if (reading === "targets entered by hand") return !answers.keepsWeights;
  if (reading === "the rest is cash") return answers.restIsCash;
  if (reading === "0 %") return answers.openTargetsAreZero;
  return isAsRead(reading) && answers.accepted.includes(nameOf(question));
}
