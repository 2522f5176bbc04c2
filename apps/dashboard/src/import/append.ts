/** Rows of a pasted table behind those of the book. What the book cannot take is a reason, and nothing is lost unsaid. */

import type { ImportReading } from "../api/types";
import { numberText } from "../portfolio/decimal";
import { filledRows, type Draft, type DraftAsset } from "../portfolio/draft";
import { figureOf } from "../portfolio/holdings";
import type { Answers } from "./answers";
import { takenFrom, type Taken } from "./book";

export function appendedTo(old: Draft, reading: ImportReading, answers: Answers, table: string): Taken {
  if (reading.kind !== "positions") return { reason: "The table is a history, and a history has no rows to append." };
  const taken = takenFrom(reading, answers, { ...old, assets: [] }, table);
  if ("reason" in taken) return taken;
  const { draft, remark } = taken;
  const kept = filledRows(old);
  const entry = kept.length > 0 ? old.entry : draft.entry;
  const statesWeights = reading.columns.some(({ role }) => role === "current_weight");
  const reason =
    kept.length > 0
      ? (mixedCurrency(old, draft) ?? mixedEntry(entry, draft.assets, statesWeights) ?? twoOfCash(old, draft))
      : twoOfCash(old, draft);
  if (reason !== undefined) return { reason };
  // Weights that follow from the values of the table are shares of the table.
  const rows = statesWeights || kept.length === 0 ? draft.assets : draft.assets.map((row) => ({ ...row, current: "" }));
  const whole: Draft = {
    ...old,
    entry,
    currency: kept.length > 0 ? old.currency : draft.currency,
    cash: sumOf(old.cash, draft.cash),
    cashTarget: old.cashTarget.trim() === "" ? draft.cashTarget : old.cashTarget,
    value: old.value.trim() === "" && kept.length === 0 ? draft.value : old.value,
    assets: [...kept, ...rows],
  };
  return { draft: whole, remark: remark.replace("taken from", "appended from") };
}

function mixedCurrency(old: Draft, { currency }: Draft): string | undefined {
  if (currency === old.currency.trim()) return undefined;
  return `The table is in ${currency} and the book in ${old.currency.trim()}. A book has one currency: convert the amounts of the table.`;
}

function mixedEntry(entry: Draft["entry"], rows: readonly DraftAsset[], statesWeights: boolean): string | undefined {
  if (entry === "units" && rows.some(({ quantity, current }) => quantity === "" && current !== ""))
    return "The book is entered by units and prices, and rows of the table have weights or values only.";
  if (entry === "weights" && !statesWeights && rows.some(({ quantity, current }) => quantity !== "" || current !== ""))
    return "The book is entered by weights, and the table states units or values only.";
  return undefined;
}

function twoOfCash(old: Draft, draft: Draft): string | undefined {
  if (draft.cash !== "" && old.cash.trim() !== "" && figureOf(old.cash) === undefined)
    return "The table holds cash, and the cash of the book is no number: correct it first.";
  if (draft.cashTarget !== "" && old.cashTarget.trim() !== "")
    return "The table and the book both have a target for cash: empty that of the book, or leave it out of the table.";
  return undefined;
}

/** The cash of the book and of the table together, without the dust of binary fractions. */
function sumOf(typed: string, more: string): string {
  if (more === "") return typed;
  return numberText(Number(((figureOf(typed) ?? 0) + Number(more)).toFixed(10)));
}
