/** The draft that the reading of a file gives. Of the old book only the settings stay, unless the file has targets or histories for it. */

import type { ImportPosition, ImportReading } from "../api/types";
import { numberText, shift } from "../portfolio/decimal";
import { emptyAsset, withoutBook, type Draft, type DraftAsset } from "../portfolio/draft";
import type { Answers } from "./answers";

/** No currency in ISO 4217: the file does not say it. */
const NO_CURRENCY = "XXX";

/** What a pasted table is called: it has no file's name, and gives the book none. */
export const PASTED = "the pasted table";

/** A draft with what it was made from, or why there is none. */
export type Taken = { draft: Draft; remark: string } | { reason: string };

export function takenFrom(reading: ImportReading, answers: Answers, old: Draft, fileName: string): Taken {
  return reading.kind === "positions" ? bookOf(reading, answers, old, fileName) : withHistory(reading, old, fileName);
}

function bookOf(
  reading: ImportReading,
  { keepsWeights, restIsCash, openTargetsAreZero }: Answers,
  old: Draft,
  fileName: string,
): Taken {
  const all = merged(reading.positions);
  const cashRows = all.filter(isCash);
  const positions = all.filter((position) => !isCash(position));
  if (positions.length === 0 && reading.cash.length === 0) return { reason: "The file holds no position that is certain." };
  const currencies = currenciesOf(reading);
  if (currencies.includes(NO_CURRENCY)) return { reason: "The currency of the cash is open: state it first." };
  if (currencies.length > 1)
    return { reason: `The file has amounts in ${currencies.join(" and ")}. A book has one currency: convert them in the file.` };
  if (old.assets.length > 0 && reading.cash.length === 0 && positions.every(isTargetOnly)) return withTargets(all, old, fileName);
  const isByUnits = positions.every(({ quantity }) => quantity !== undefined);
  const isByWeights = !isByUnits && positions.every(({ current_weight }) => current_weight !== undefined);
  const cash = sum(reading.cash.map(({ amount }) => amount));
  const hasCash = reading.cash.length > 0;
  const weightTarget = cashRows.length > 0 ? sum(cashRows.map(({ target_weight }) => target_weight ?? 0)) : undefined;
  const share = keepsWeights && hasCash && reading.nav !== undefined && reading.nav > 0 ? cash / reading.nav : undefined;
  const cashTarget = weightTarget !== undefined && weightTarget > 0 ? weightTarget : share;
  const draft: Draft = {
    ...withoutBook(old),
    name: fileName === PASTED ? "" : fileName.replace(/\.[^.]+$/, ""),
    entry: isByWeights ? "weights" : "units",
    currency: currencies[0] ?? old.currency,
    cash: hasCash ? numberText(cash) : "",
    cashTarget: cashTarget === undefined ? "" : percentText(cashTarget),
    value: isByWeights && reading.nav !== undefined ? numberText(reading.nav) : "",
    policy: restIsCash ? "cash_remainder" : "ask",
    assets: positions.map((position) => {
      const row = rowOf(position, keepsWeights);
      return openTargetsAreZero && row.target === "" ? { ...row, target: "0" } : row;
    }),
  };
  const what = `${positions.length} ${positions.length === 1 ? "position" : "positions"}${hasCash ? " and cash" : ""}`;
  return { draft, remark: `${what} taken from ${fileName}.` };
}

/**
 * Targets go to the assets that have their names, and new assets come with theirs; what is held stays. The target of an asset that the file
 * does not name is open: the field is empty, and the service asks for it.
 */
function withTargets(rows: readonly ImportPosition[], old: Draft, fileName: string): Taken {
  const targets = new Map(rows.map((row) => [row.asset, row.target_weight === undefined ? "" : percentText(row.target_weight)]));
  const held = old.assets.map((row) => ({ ...row, target: targets.get(row.asset.trim()) ?? "" }));
  const names = new Set(old.assets.map((row) => row.asset.trim()));
  const added = rows.filter((row) => !names.has(row.asset) && !isCash(row));
  const cash = rows.find(isCash);
  const draft: Draft = {
    ...old,
    cashTarget: cash === undefined ? old.cashTarget : (targets.get(cash.asset) ?? ""),
    assets: [...held, ...added.map((row) => rowOf(row, false))],
  };
  return {
    draft,
    remark: `${targets.size} ${targets.size === 1 ? "target" : "targets"} taken from ${fileName}; what is held stays.`,
  };
}

function isTargetOnly({ target_weight, quantity, price, value, current_weight }: ImportPosition): boolean {
  return target_weight !== undefined && [quantity, price, value, current_weight].every((figure) => figure === undefined);
}

/** Returns go to the assets that have their names; the book stays. */
function withHistory({ history }: ImportReading, old: Draft, fileName: string): Taken {
  if (!history) return { reason: "The file holds no history that is certain." };
  const columns = new Map(history.assets.map((asset, i) => [asset.trim(), history.returns[i] ?? []]));
  const known = old.assets.filter((row) => columns.has(row.asset.trim()));
  if (known.length === 0)
    return {
      reason: `The file has returns of ${history.assets.slice(0, 5).join(", ")}. No asset of the book has one of these names.`,
    };
  const assets = old.assets.map((row) => ({ ...row, history: columns.get(row.asset.trim()) ?? row.history }));
  // The dates are those of every return of the book, or of none.
  const areAll = old.assets.every((row) => row.history.length === 0 || columns.has(row.asset.trim()));
  return {
    draft: { ...old, assets, dates: areAll ? history.dates : [] },
    remark: `${history.observations} returns of ${known.length} assets taken from ${fileName}.`,
  };
}

/** Currencies of what the file holds, those of positions first. */
function currenciesOf({ positions, cash }: ImportReading): string[] {
  return [...new Set([...positions, ...cash].flatMap(({ currency }) => currency ?? []))];
}

/** A row of cash that states weights, and no units of anything. */
function isCash({ asset_class, quantity }: ImportPosition): boolean {
  return asset_class === "cash" && quantity === undefined;
}

function rowOf(position: ImportPosition, keepsWeights: boolean): DraftAsset {
  const { asset, name, isin, quantity, price, account, asset_class, current_weight } = position;
  const target = position.target_weight ?? (keepsWeights ? current_weight : undefined);
  return emptyAsset({
    asset,
    title: name ?? "",
    identifiers: isin === undefined ? {} : { isin },
    assetClass: asset_class ?? "",
    account: account ?? "",
    quantity: quantity === undefined ? "" : numberText(quantity),
    price: price === undefined ? "" : numberText(price),
    current: current_weight === undefined ? "" : percentText(current_weight),
    target: target === undefined ? "" : percentText(target),
    // What is held in fractions trades in fractions.
    lot: quantity !== undefined && Number.isInteger(quantity) ? "1" : "",
  });
}

/**
 * Rows of one asset as one, where they agree on price and currency: the plan knows an asset once. Rows that do not agree stay apart, and
 * the service refuses the second at its field.
 */
export function merged(positions: readonly ImportPosition[]): ImportPosition[] {
  const rows = new Map<string, ImportPosition>();
  for (const position of positions) {
    const key = JSON.stringify([position.asset, position.price, position.currency]);
    const first = rows.get(key);
    rows.set(key, first === undefined ? position : together(first, position));
  }
  return [...rows.values()];
}

function together(one: ImportPosition, other: ImportPosition): ImportPosition {
  const whole: ImportPosition = { ...one };
  for (const member of ["quantity", "value", "target_weight", "current_weight"] as const) {
    const [a, b] = [one[member], other[member]];
    if (a !== undefined && b !== undefined) whole[member] = sum([a, b]);
    else delete whole[member];
  }
  for (const member of ["account", "asset_class"] as const) if (one[member] !== other[member]) delete whole[member];
  return whole;
}

/** A sum without the dust of binary fractions: files state at most ten decimals. */
function sum(values: readonly number[]): number {
  return Number(values.reduce((total, value) => total + value, 0).toFixed(10));
}

/** A fraction as percent with at most four decimals. */
function percentText(fraction: number): string {
  return String(Number(Number(shift(numberText(fraction), 2)).toFixed(4)));
}
