/** Bands around the weight of an asset class or a sleeve: in a request, and as fields show them. */

import type { PlanRequest } from "../api/types";
import { text, type Band } from "./draft";
import { wire } from "./wire-number";

type Requested = NonNullable<PlanRequest["groups"]>[number];
type Setting = PlanRequest["band"];

/** A band as its fields have it; the widths are of the band `hybrid`, percent. */
export interface BandFields {
  readonly band: Exclude<Band, "fixed">;
  readonly relative: string;
  readonly floor: string;
  readonly cap: string;
}

/** Assets of one class or one sleeve, and the band around the sum of their targets. */
export interface DraftBandGroup extends BandFields {
  readonly by: "asset_class" | "sleeve";
  /** The class or the sleeve. */
  readonly of: string;
  /** Empty where the class or the sleeve is the name. */
  readonly name: string;
}

/** The 5/25 rule: a quarter of the target weight, at most five percentage points. */
const FIVE_TWENTY_FIVE = { relative: 0.25, cap: 0.05 };
const NO_WIDTHS = { relative: "", floor: "", cap: "" };

export function bandFields(band: NonNullable<Setting>): BandFields {
  if (typeof band === "string") return { band: band as BandFields["band"], ...NO_WIDTHS };
  const { relative, floor, cap } = band as { relative?: number; floor?: number; cap?: number };
  if (relative === FIVE_TWENTY_FIVE.relative && cap === FIVE_TWENTY_FIVE.cap && !floor) return { band: "5/25", ...NO_WIDTHS };
  return { band: "hybrid", relative: text(relative, 2), floor: text(floor, 2), cap: text(cap, 2) };
}

export function bandSetting({ band, relative, floor, cap }: BandFields): NonNullable<Setting> {
  if (band === "self") return "self" as NonNullable<Setting>;
  if (band === "5/25") return { ...FIVE_TWENTY_FIVE } as NonNullable<Setting>;
  const widths = { relative: wire(relative, -2), floor: wire(floor, -2), cap: wire(cap, -2) };
  return Object.fromEntries(Object.entries(widths).filter(([, width]) => width !== undefined)) as NonNullable<Setting>;
}

/** The first group takes the first class of the book that no other group has, or else its first sleeve. */
export function newBandGroup(
  assets: readonly { assetClass: string; sleeve: string }[],
  groups: readonly DraftBandGroup[],
): DraftBandGroup {
  const free = (by: DraftBandGroup["by"], own: string): boolean =>
    own !== "" && !groups.some((group) => group.by === by && group.of === own);
  const assetClass = assets.map((asset) => asset.assetClass.trim()).find((own) => free("asset_class", own));
  const sleeve = assets.map((asset) => asset.sleeve.trim()).find((own) => free("sleeve", own));
  const by = assetClass === undefined && sleeve !== undefined ? "sleeve" : "asset_class";
  return { by, of: assetClass ?? sleeve ?? "", name: "", band: "5/25", ...NO_WIDTHS };
}

export function bandGroupsOf(groups: PlanRequest["groups"]): DraftBandGroup[] {
  return (groups ?? []).map((group) => {
    const by = group.sleeve === undefined || group.sleeve === null ? "asset_class" : "sleeve";
    return { by, of: text(group[by]), name: text(group.name), ...bandFields(group.band as NonNullable<Setting>) };
  });
}

export function bandGroupsRequest(groups: readonly DraftBandGroup[]): PlanRequest["groups"] {
  if (groups.length === 0) return undefined;
  return groups.map((group): Requested => {
    const name = group.name.trim();
    return { ...(name && { name }), [group.by]: group.of.trim(), band: bandSetting(group) } as Requested;
  });
}
