/** A policy as fields show it: text as it was typed. A limit that is a share is typed in percent. */

import type { ControlPolicy, WhenUnknown } from "../api/types";
import { numberText, shift } from "../portfolio/decimal";
import { wire } from "../portfolio/wire-number";
import { CONTROLS, type Control, type ControlName } from "./catalogue";

export interface LevelsDraft {
  soft: string;
  hard: string;
  unknown: WhenUnknown;
  /** Seconds that a control looks back; empty where it does not. */
  window: string;
}

export interface OverrideDraft {
  control: string;
  subject: string;
  who: string;
  why: string;
  starts: string;
  ends: string;
}

export interface PolicyDraft {
  currency: string;
  levels: Record<ControlName, LevelsDraft>;
  /** Ids of assets, one a line. */
  noPurchases: string;
  noSales: string;
  overrides: OverrideDraft[];
  isRequired: boolean;
  isMakerChecker: boolean;
  priceAge: string;
}

/** Where a limit that is typed in percent has its decimal point on the wire. */
export function placesOf({ unit }: Pick<Control, "unit">): number {
  return unit === "share" ? -2 : 0;
}

export function policyDraftOf(policy: ControlPolicy): PolicyDraft {
  const levels = CONTROLS.map((control): [ControlName, LevelsDraft] => {
    const stated = policy[control.name];
    const typed = (limit: number | null | undefined): string =>
      limit === null || limit === undefined ? "" : shift(numberText(limit), -placesOf(control));
    const window = stated && "window_seconds" in stated ? String(stated.window_seconds) : "";
    return [control.name, { soft: typed(stated?.soft), hard: typed(stated?.hard), unknown: stated?.unknown ?? "hard", window }];
  });
  const approval = policy.approval;
  return {
    currency: policy.currency ?? "",
    levels: Object.fromEntries(levels) as Record<ControlName, LevelsDraft>,
    noPurchases: (policy.restricted_list?.no_purchases ?? []).join("\n"),
    noSales: (policy.restricted_list?.no_sales ?? []).join("\n"),
    overrides: (policy.overrides ?? []).map((override) => ({
      control: override.control,
      subject: override.subject ?? "",
      who: override.who,
      why: override.why,
      starts: override.starts_at,
      ends: override.ends_at,
    })),
    isRequired: approval?.required ?? false,
    isMakerChecker: approval?.maker_checker ?? false,
    priceAge: approval?.price_age_seconds_max ? String(approval.price_age_seconds_max) : "",
  };
}

/** The policy that the fields stand for. A control without a limit is not checked, and is left out. */
export function policyOf(draft: PolicyDraft): ControlPolicy {
  const policy: Record<string, unknown> = { format: 1 };
  if (draft.currency.trim() !== "") policy["currency"] = draft.currency.trim().toUpperCase();
  for (const control of CONTROLS) {
    const { soft, hard, unknown, window } = draft.levels[control.name];
    if (soft.trim() === "" && hard.trim() === "") continue;
    const limit = (text: string): number | undefined => wire(text, placesOf(control));
    policy[control.name] = {
      ...(soft.trim() !== "" && { soft: limit(soft) }),
      ...(hard.trim() !== "" && { hard: limit(hard) }),
      unknown,
      ...(control.isWindow && window.trim() !== "" && { window_seconds: wire(window) }),
    };
  }
  const [noPurchases, noSales] = [lines(draft.noPurchases), lines(draft.noSales)];
  if (noPurchases.length + noSales.length > 0) policy["restricted_list"] = { no_purchases: noPurchases, no_sales: noSales };
  policy["overrides"] = draft.overrides.map(({ control, subject, who, why, starts, ends }) => ({
    control,
    ...(subject.trim() !== "" && { subject: subject.trim() }),
    who: who.trim(),
    why: why.trim(),
    starts_at: starts.trim(),
    ends_at: ends.trim(),
  }));
  policy["approval"] = {
    required: draft.isRequired,
    maker_checker: draft.isMakerChecker,
    ...(draft.priceAge.trim() !== "" && { price_age_seconds_max: wire(draft.priceAge) }),
  };
  return policy as ControlPolicy;
}

function lines(text: string): string[] {
  return [...new Set(text.split("\n").map((line) => line.trim()))].filter((line) => line !== "");
}

/** What one version has other than another, in words: "Two-way turnover, soft: 36% → 40%". */
export function differences(from: PolicyDraft, to: PolicyDraft): string[] {
  const told: string[] = [];
  const tell = (name: string, before: string, after: string): void => {
    if (before !== after) told.push(`${name}: ${before || "none"} → ${after || "none"}`);
  };
  for (const control of CONTROLS) {
    const [before, after] = [from.levels[control.name], to.levels[control.name]];
    const typed = (text: string): string => (text && control.unit === "share" ? `${text}%` : text);
    tell(`${control.label}, soft`, typed(before.soft), typed(after.soft));
    tell(`${control.label}, hard`, typed(before.hard), typed(after.hard));
    const isLimited = [before, after].every(({ soft, hard }) => soft !== "" || hard !== "");
    if (isLimited) tell(`${control.label}, not known`, unknownInWords(before.unknown), unknownInWords(after.unknown));
    tell(`${control.label}, window in seconds`, before.window, after.window);
  }
  const listed = (text: string): string => lines(text).join(", ");
  tell("Currency of limits", from.currency, to.currency);
  tell("May not be bought", listed(from.noPurchases), listed(to.noPurchases));
  tell("May not be sold", listed(from.noSales), listed(to.noSales));
  tell("Approval required", yes(from.isRequired), yes(to.isRequired));
  tell("Another person approves", yes(from.isMakerChecker), yes(to.isMakerChecker));
  tell("Oldest prices, seconds", from.priceAge, to.priceAge);
  const overrides = ({ overrides: all }: PolicyDraft): string =>
    all
      .map(({ control, subject, who, ends }) => `${[control, subject].filter(Boolean).join(" ")} by ${who} until ${ends}`)
      .join("; ");
  tell("Overrides", overrides(from), overrides(to));
  return told;
}

function yes(value: boolean): string {
  return value ? "yes" : "no";
}

const UNKNOWN: Record<WhenUnknown, string> = {
  hard: "a hard breach",
  soft: "a soft breach",
  not_assessed: "not assessed",
};

/** What a value that nobody knows counts as. */
export function unknownInWords(unknown: WhenUnknown): string {
  return UNKNOWN[unknown];
}
