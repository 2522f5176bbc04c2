/** What is asked before a plan: ordinary mistakes that would give a plausible plan, each with its readings. */

import { percent } from "../format";
import type { Draft } from "./draft";
import { figureOf, holdingsOf } from "./holdings";

export interface Reading {
  label: string;
  /** What the reading makes of the draft; nothing where the reader corrects the fields. */
  change: Partial<Draft> | undefined;
}

export interface Doubt {
  question: string;
  readings: readonly Reading[];
  /** Members whose fields are to be looked at. */
  fields: "target" | "current" | "asset";
}

/** Weights this far beyond one are rather units. */
const UNITS_ABOVE = 2;
/** Names of rows that hold cash. */
const CASH = /^(cash|usd|eur|gbp|chf|jpy|cad)( (cash|balance))?$|^cash\b/i;

const MISTAKE: Reading = { label: "A typing error: let me correct them", change: undefined };

/** The first doubt about a draft; nothing where every figure has one reading. */
export function doubtOf(draft: Draft): Doubt | undefined {
  return cashRow(draft) ?? currentWeights(draft) ?? targetWeights(draft);
}

function cashRow(draft: Draft): Doubt | undefined {
  const at = draft.assets.findIndex((row) => CASH.test(row.asset.trim()) && !row.isSecurity);
  const row = draft.assets[at];
  if (!row || row.lock === "excluded") return undefined;
  const held = holdingsOf(draft);
  const rest = draft.assets.filter((_, i) => i !== at);
  const value = held.rows.get(row.key)?.value ?? 0;
  const cash = draft.entry === "units" ? { cash: String(Number((held.cash + value).toFixed(2))) } : { policy: "cash_remainder" };
  const target = draft.cashTarget.trim() === "" && row.target.trim() !== "" ? { cashTarget: row.target } : {};
  return {
    question: `Row ${at + 1}, ${row.asset.trim()}: is it cash, or a security of that name? Cash is never traded.`,
    readings: [
      { label: "It is cash", change: { assets: rest, ...cash, ...target } },
      {
        label: "It is a security",
        change: { assets: draft.assets.map((other) => (other === row ? { ...row, isSecurity: true } : other)) },
      },
    ],
    fields: "asset",
  };
}

function currentWeights(draft: Draft): Doubt | undefined {
  const { current } = holdingsOf(draft);
  if (draft.entry === "units" || draft.policy !== "ask" || current === 0 || draft.cash.trim() !== "") return undefined;
  if (!areNumbers(draft, "current")) return undefined;
  if (isNear(current, 1, draft)) return undefined;
  const sum = `Current weights sum to ${percent(current)}.`;
  const scale: Reading = { label: "Scale all weights to 100%", change: { policy: "normalize" } };
  if (current > UNITS_ABOVE) {
    const units: Partial<Draft> = {
      entry: "units",
      assets: draft.assets.map((row) => ({ ...row, quantity: row.current, current: "", lot: row.lot || "1" })),
    };
    return {
      question: `${sum} Are they units, such as numbers of shares?`,
      readings: [{ label: "They are units", change: units }, MISTAKE],
      fields: "current",
    };
  }
  if (current > 1) return { question: `${sum} A typing error?`, readings: [MISTAKE, scale], fields: "current" };
  return {
    question: `${sum} Is the rest cash, or a typing error?`,
    readings: [{ label: `The rest, ${percent(1 - current)}, is cash`, change: { policy: "cash_remainder" } }, MISTAKE, scale],
    fields: "current",
  };
}

function targetWeights(draft: Draft): Doubt | undefined {
  const { targets } = holdingsOf(draft);
  if (draft.policy !== "ask" || draft.intent === "liquidate" || targets === 0) return undefined;
  if (!areNumbers(draft, "target")) return undefined;
  const cash = (figureOf(draft.cashTarget) ?? 0) / 100;
  const room = 1 - cash;
  if (isNear(targets, room, draft)) return undefined;
  const scale: Reading = { label: `Scale the targets to ${percent(room)}`, change: { policy: "normalize" } };
  const beside = cash > 0 ? ` beside a cash target of ${percent(cash)}` : "";
  const sum = `Target weights sum to ${percent(targets)}${beside}.`;
  if (targets > room || cash > 0) return { question: `${sum} A typing error?`, readings: [MISTAKE, scale], fields: "target" };
  return {
    question: `${sum} Is the rest the cash target, or a typing error?`,
    readings: [
      { label: `The rest, ${percent(1 - targets)}, stays in cash`, change: { policy: "cash_remainder" } },
      MISTAKE,
      scale,
    ],
    fields: "target",
  };
}

/** A weight that is missing or no number is refused by the service, at its field; their sum says nothing until then. */
function areNumbers(draft: Draft, member: "target" | "current"): boolean {
  return draft.assets.every((row) => figureOf(row[member]) !== undefined);
}

/** Weights typed to two decimals of a percent may miss their sum by half of the last one each. */
function isNear(sum: number, whole: number, draft: Draft): boolean {
  return Math.abs(sum - whole) <= Math.min(0.005, 0.00005 * draft.assets.length) + 1e-9;
}
