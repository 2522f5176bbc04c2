/** What the positions come to while they are typed: values, weights and NAV, shown beside the fields. The service books its own. */

import type { Draft, DraftAsset } from "./draft";
import { readTyped } from "./typed";

export interface Holding {
  /** Money; nothing while a figure is missing or in doubt. */
  value: number | undefined;
  /** Fraction of NAV; nothing for an asset outside it. */
  weight: number | undefined;
}

export interface Holdings {
  /** By the key of the row. */
  rows: ReadonlyMap<number, Holding>;
  positions: number;
  cash: number;
  nav: number;
  /** Rows, counted from one, whose value is not known: NAV is then the sum of the others. */
  unknown: readonly number[];
  /** Sum of the target weights, a fraction, and of the current ones. */
  targets: number;
  current: number;
}

/** A typed figure, percent as it stands; nothing where none is certain. */
export function figureOf(typed: string): number | undefined {
  const read = readTyped(typed);
  return read.kind === "number" ? Number(read.text) : undefined;
}

export function holdingsOf(draft: Draft): Holdings {
  const isByUnits = draft.entry === "units";
  const stated = figureOf(draft.value);
  const valueOf = (row: DraftAsset): number | undefined => {
    const [held, unit] = isByUnits ? [figureOf(row.quantity), figureOf(row.price)] : [figureOf(row.current), stated];
    if (held === 0) return 0;
    if (held === undefined || unit === undefined) return undefined;
    return isByUnits ? held * unit : (held / 100) * unit;
  };
  const inside = draft.assets.filter((row) => row.lock !== "excluded");
  const values = new Map(draft.assets.map((row) => [row.key, valueOf(row)]));
  const positions = inside.reduce((sum, row) => sum + (values.get(row.key) ?? 0), 0);
  const current = inside.reduce((sum, row) => sum + (figureOf(row.current) ?? 0), 0) / 100;
  const rest = stated === undefined ? 0 : Math.max(0, 1 - current) * stated;
  const cash = figureOf(draft.cash) ?? (isByUnits ? 0 : rest);
  const nav = isByUnits ? positions + cash : (stated ?? 0);
  const rows = draft.assets.map((row) => {
    const value = values.get(row.key);
    const share = isByUnits ? (value === undefined || nav === 0 ? undefined : value / nav) : share100(row.current);
    return [row.key, { value, weight: row.lock === "excluded" ? undefined : share }] as const;
  });
  return {
    rows: new Map(rows),
    positions,
    cash,
    nav,
    unknown: draft.assets.flatMap((row, i) => (row.lock !== "excluded" && values.get(row.key) === undefined ? [i + 1] : [])),
    targets: draft.assets.reduce((sum, row) => sum + (figureOf(row.target) ?? 0), 0) / 100,
    current,
  };
}

function share100(typed: string): number | undefined {
  const figure = figureOf(typed);
  return figure === undefined ? undefined : figure / 100;
}

/** The draft with its positions entered the other way: what is known is carried over, and nothing typed is thrown away. */
export function enteredBy(draft: Draft, entry: Draft["entry"]): Partial<Draft> {
  if (draft.entry === entry) return {};
  const held = holdingsOf(draft);
  if (entry === "units") return { entry, cash: draft.cash.trim() === "" && held.cash > 0 ? plain(held.cash, 2) : draft.cash };
  if (held.unknown.length > 0 || held.nav === 0) return { entry };
  return {
    entry,
    value: plain(held.nav, 2),
    cash: "",
    policy: "cash_remainder",
    assets: draft.assets.map((row) => ({ ...row, current: plain(100 * (held.rows.get(row.key)?.weight ?? 0), 4) })),
  };
}

/** A figure as it would be typed. */
function plain(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
