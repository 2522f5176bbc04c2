/**
 * Executed orders as fields show them, read from pasted tables, and sent. An order that trades in parts has its fills in one field,
 * `700 @ 40.05; 300 @ 40.06`, or one line a fill in a pasted table.
 */

import type { TcaOrder, TcaRequest } from "../api/types";
import { markOf, readTyped, type DecimalMark } from "../portfolio/typed";
import { wire } from "../portfolio/wire-number";

export interface ExecutedDraft {
  /** Name of the order for the reader; it is not sent. */
  label: string;
  side: "buy" | "sell";
  quantity: string;
  decision: string;
  arrival: string;
  end: string;
  fees: string;
  vwap: string;
  halfSpread: string;
  estimate: string;
  fills: string;
}

/** Fields of an order that hold one number, with their members on the wire. */
export const NUMBERS: readonly (readonly [
  keyof Omit<ExecutedDraft, "label" | "side" | "fills">,
  member: Exclude<keyof TcaOrder, "side" | "fills">,
  label: string,
])[] = [
  ["quantity", "quantity", "Quantity"],
  ["decision", "decision_price", "Decision price"],
  ["arrival", "arrival_price", "Arrival price"],
  ["end", "end_price", "End price"],
  ["fees", "fees", "Fees"],
  ["vwap", "vwap", "VWAP"],
  ["halfSpread", "half_spread", "Half-spread"],
  ["estimate", "estimated_cost", "Estimated cost"],
];

export function emptyOrder(): ExecutedDraft {
  const numbers = Object.fromEntries(NUMBERS.map(([field]) => [field, ""]));
  return { label: "", side: "buy", fills: "", ...numbers } as ExecutedDraft;
}

/** The request of these orders. What cannot be read as a number is sent as typed, for the service to refuse. */
export function requestOf(orders: readonly ExecutedDraft[], currency: string): TcaRequest {
  return {
    ...(currency.trim() !== "" && { currency: currency.trim().toUpperCase() }),
    orders: orders.map((order): TcaOrder => {
      const numbers = NUMBERS.filter(([field]) => order[field].trim() !== "").map(([field, member]) => [
        member,
        wire(order[field]),
      ]);
      return { side: order.side, ...Object.fromEntries(numbers), fills: fillsOf(order.fills) } as TcaOrder;
    }),
  };
}

/** "700 @ 40.05; 300 @ 40.06"; a part that is not a quantity and a price is sent as it stands. */
function fillsOf(text: string): TcaOrder["fills"] {
  const parts = text.split(/[;\n]/).map((part) => part.trim());
  return parts
    .filter((part) => part !== "")
    .map((part) => {
      const [quantity = "", price = ""] = part.split("@");
      return { quantity: wire(quantity), price: wire(price) } as TcaOrder["fills"][number];
    });
}

type Column = keyof ExecutedDraft | "fillQuantity" | "fillPrice";
const WORDS: ReadonlySet<Column> = new Set(["label", "side", "fills"]);
/** The first pattern that fits a heading names its column. */
const HEADINGS: readonly (readonly [RegExp, Column])[] = [
  [/^fill.*(quantity|qty|shares|units)|^(executed|filled|last).*(quantity|qty|shares)/i, "fillQuantity"],
  [/^fill.*price|^(executed|execution|last).*price/i, "fillPrice"],
  [/^fills$/i, "fills"],
  [/^side|^action/i, "side"],
  [/decision/i, "decision"],
  [/arrival/i, "arrival"],
  [/^end|^close|^closing/i, "end"],
  [/^fee|^commission/i, "fees"],
  [/vwap/i, "vwap"],
  [/spread/i, "halfSpread"],
  [/estimat/i, "estimate"],
  [/^(order|asset|symbol|ticker|id|client)/i, "label"],
  [/quantity|qty|shares|units/i, "quantity"],
];

export type Table = { orders: ExecutedDraft[]; remark: string } | { reason: string };

/**
 * Reads a table with a heading: CSV, semicolons or tabs. Lines of one order name, one after another or not, are its fills; its other
 * columns are stated on its first line, and may be repeated. A line that contradicts that is no guess: the table is refused.
 */
export function readOrders(text: string): Table {
  const lines = text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  const [first, ...rest] = lines;
  if (first === undefined || rest.length === 0) return { reason: "A table needs a heading and a line for each fill." };
  const mark = first.includes("\t") ? "\t" : first.includes(";") ? ";" : ",";
  const columns = cellsOf(first, mark).map((title) => HEADINGS.find(([pattern]) => pattern.test(title.trim()))?.[1]);
  const missing = (["side", "quantity", "decision", "arrival"] as const).filter((column) => !columns.includes(column));
  if (missing.length > 0) return { reason: `No column is headed ${missing.map(headingOf).join(", or ")}.` };
  const rows = rest.map((line) => {
    const cells = cellsOf(line, mark);
    const at = (column: Column): string => (cells[columns.indexOf(column)] ?? "").trim();
    return { at: (column: Column) => (columns.includes(column) ? at(column) : "") };
  });
  const proof = provenMarks(
    rows.map(({ at }) => at),
    columns,
  );
  const orders = new Map<string, ExecutedDraft>();
  for (const [i, { at }] of rows.entries()) {
    const name = at("label") || `line ${i + 1}`;
    const side = sideOf(at("side"));
    const known = orders.get(name);
    if (!known && side === undefined) return { reason: `Line ${i + 2}: the side is neither buy nor sell.` };
    const order = known ?? { ...emptyOrder(), label: at("label"), side: side ?? "buy" };
    if (known && side !== undefined && side !== known.side) return { reason: `Line ${i + 2}: ${name} both buys and sells.` };
    for (const [field, , label] of NUMBERS) {
      const stated = plain(at(field), proof.get(field));
      if (stated === "") continue;
      if (order[field] !== "" && order[field] !== stated) return { reason: `Line ${i + 2}: ${name} has two values of ${label}.` };
      order[field] = stated;
    }
    const [quantity, price] = [
      plain(at("fillQuantity"), proof.get("fillQuantity")),
      plain(at("fillPrice"), proof.get("fillPrice")),
    ];
    const fill = quantity === "" && price === "" ? at("fills") : `${quantity} @ ${price}`;
    if (fill !== "") order.fills = order.fills === "" ? fill : `${order.fills}; ${fill}`;
    orders.set(name, order);
  }
  const read = [...orders.values()];
  const ignored = cellsOf(first, mark).filter((_, i) => columns[i] === undefined);
  const left = ignored.length > 0 ? ` Not read: ${ignored.map((title) => title.trim()).join(", ")}.` : "";
  return { orders: read, remark: `${rows.length} lines read as ${read.length} orders.${left}` };
}

/** The decimal mark of each column: what the whole table proves, or else what its own cells do. */
function provenMarks(
  rows: readonly ((column: Column) => string)[],
  columns: readonly (Column | undefined)[],
): Map<Column, DecimalMark> {
  const numbers = columns.filter((column) => column !== undefined).filter((column) => !WORDS.has(column));
  const cells = (column: Column): string[] => rows.map((at) => at(column)).filter((cell) => cell !== "");
  const whole = markOf(numbers.flatMap(cells));
  const proof = new Map<Column, DecimalMark>();
  for (const column of numbers) {
    const proven = whole ?? markOf(cells(column));
    if (proven) proof.set(column, proven);
  }
  return proof;
}

function plain(cell: string, mark: DecimalMark | undefined): string {
  const typed = readTyped(cell, mark);
  return typed.kind === "number" && !typed.percent ? typed.text : cell;
}

function sideOf(text: string): ExecutedDraft["side"] | undefined {
  if (/^(b|buy|bought|purchase)$/i.test(text)) return "buy";
  return /^(s|sell|sold|sale)$/i.test(text) ? "sell" : undefined;
}

const TITLES: Readonly<Record<"side" | "quantity" | "decision" | "arrival", string>> = {
  side: "side",
  quantity: "quantity",
  decision: "decision price",
  arrival: "arrival price",
};

function headingOf(column: keyof typeof TITLES): string {
  return TITLES[column];
}

/** The cells of a line; a quoted one may hold the mark. */
function cellsOf(line: string, mark: string): string[] {
  const cells: string[] = [];
  let [cell, isQuoted] = ["", false];
  for (let i = 0; i < line.length; i += 1) {
    const character = line[i] as string;
    if (character === '"' && isQuoted && line[i + 1] === '"') [cell, i] = [`${cell}"`, i + 1];
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === mark && !isQuoted) [cell] = ["", cells.push(cell)];
    else cell += character;
  }
  return [...cells, cell];
}
