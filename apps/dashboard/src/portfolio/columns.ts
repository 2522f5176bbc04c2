/** The columns of the table of positions: what is asked for by units and by weights, and what the method takes besides. */

import type { Draft, DraftAsset, Lock } from "./draft";

type TextMember = { [K in keyof DraftAsset]: DraftAsset[K] extends string ? K : never }[keyof DraftAsset];

export type Column =
  | {
      kind: "words" | "number" | "percent";
      member: Exclude<TextMember, "lock">;
      pointer: (row: number) => string;
      title: string;
      hint: string;
    }
  /** A figure that follows from the typed ones. */
  | { kind: "computed"; member: "value" | "weight"; title: string };

const ofAsset = (member: string) => (row: number) => `/assets/${row}/${member}`;
const ofLimit = (member: string) => (row: number) => `/optimization/${member}/${row}`;

const ASSET: Column = { kind: "words", member: "asset", pointer: ofAsset("asset"), title: "Asset", hint: "" };
const TARGET: Column = { kind: "percent", member: "target", pointer: ofAsset("target_weight"), title: "Target, %", hint: "" };
const LOT: Column = { kind: "number", member: "lot", pointer: ofAsset("lot_size"), title: "Lot, units", hint: "fractions" };
const RETURN: Column = {
  kind: "percent",
  member: "marketReturn",
  pointer: ofAsset("market_return"),
  title: "Latest return, %",
  hint: "none",
};
const COST: Column = {
  kind: "number",
  member: "costBps",
  pointer: ofAsset("transaction_cost_bps"),
  title: "Own cost, bps",
  hint: "default",
};
const price = (hint: string): Column => ({ kind: "number", member: "price", pointer: ofAsset("price"), title: "Price", hint });

const BY_UNITS: readonly Column[] = [
  ASSET,
  { kind: "number", member: "quantity", pointer: ofAsset("quantity"), title: "Units held", hint: "" },
  price(""),
  { kind: "computed", member: "value", title: "Value" },
  { kind: "computed", member: "weight", title: "Weight now" },
  TARGET,
  LOT,
];
const BY_WEIGHTS: readonly Column[] = [
  ASSET,
  TARGET,
  { kind: "percent", member: "current", pointer: ofAsset("current_weight"), title: "Current, %", hint: "" },
  price("100"),
  RETURN,
  COST,
];
const WORDS: readonly Column[] = [
  { kind: "words", member: "title", pointer: ofAsset("name"), title: "Name", hint: "" },
  { kind: "words", member: "assetClass", pointer: ofAsset("asset_class"), title: "Asset class", hint: "" },
  { kind: "words", member: "account", pointer: ofAsset("account"), title: "Account", hint: "" },
  { kind: "words", member: "sleeve", pointer: ofAsset("sleeve"), title: "Sleeve", hint: "" },
];
/** What the optimal method takes for each asset. */
const LIMITS: readonly Column[] = [
  { kind: "percent", member: "lower", pointer: ofLimit("lower"), title: "Minimum, %", hint: "default" },
  { kind: "percent", member: "upper", pointer: ofLimit("upper"), title: "Maximum, %", hint: "default" },
  { kind: "percent", member: "maxTrade", pointer: ofLimit("trade_max"), title: "Maximum trade, %", hint: "no limit" },
];

/** `more`: with the columns that most books leave empty. A column that holds something is always there. */
export function columnsOf(draft: Draft, more: boolean): readonly Column[] {
  const isUsed = (column: Column): boolean =>
    more || (column.kind !== "computed" && draft.assets.some((row) => row[column.member].trim() !== ""));
  const optional = draft.entry === "units" ? [RETURN, COST, ...WORDS] : [LOT, ...WORDS];
  return [
    ...(draft.entry === "units" ? BY_UNITS : BY_WEIGHTS),
    ...(draft.method !== "drift" ? LIMITS : []),
    ...optional.filter(isUsed),
  ];
}

export const LOCKS: readonly (readonly [Lock, string])[] = [
  ["", "Buy and sell"],
  ["no_buy", "Sell only"],
  ["no_sell", "Buy only"],
  ["frozen", "No trade"],
  ["excluded", "Outside the book"],
];
