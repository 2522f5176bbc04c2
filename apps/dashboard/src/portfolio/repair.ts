/** The smallest repair of contradicting limits, carried into the draft. */

import type { LimitRelaxation } from "../api/types";
import { numberText, shift } from "./decimal";
import type { Draft } from "./draft";

/** The draft with the relaxed limits; nothing when a limit would leave what a request may ask for (borrowing, short sales). */
export function repaired(draft: Draft, relaxations: readonly LimitRelaxation[]): Partial<Draft> | undefined {
  let next = draft;
  for (const { limit, to } of relaxations) {
    const percent = shift(numberText(Number(to.toPrecision(12))), 2);
    const between = (least: number, most: number): boolean => to >= least && to <= most;
    const ofAsset = (index: number, change: object): Draft => ({
      ...next,
      assets: next.assets.map((asset, i) => (i === index ? { ...asset, ...change } : asset)),
    });
    const ofGroup = (name: string, change: object): Draft => ({
      ...next,
      groups: next.groups.map((group) => (group.name === name ? { ...group, ...change } : group)),
    });
    const ofExposure = (name: string, change: object): Draft => ({
      ...next,
      exposures: next.exposures.map((exposure) => (exposure.name === name ? { ...exposure, ...change } : exposure)),
    });
    const relaxed = ((): Draft | undefined => {
      switch (limit.kind) {
        case "cash_min":
          return between(0, 1) ? { ...next, cashMin: percent } : undefined;
        case "cash_max":
          return between(0, 1) ? { ...next, cashMax: percent } : undefined;
        case "lower":
          return between(0, 1) ? ofAsset(limit.asset, { lower: percent }) : undefined;
        case "upper":
          return between(0, 1) ? ofAsset(limit.asset, { upper: percent }) : undefined;
        case "trade":
          return draft.assets[limit.asset]?.maxTrade ? ofAsset(limit.asset, { maxTrade: percent }) : undefined;
        case "group_lower":
          return ofGroup(limit.name, { lower: percent });
        case "group_upper":
          return ofGroup(limit.name, { upper: percent });
        case "exposure_lower":
          return ofExposure(limit.name, { lower: to });
        case "exposure_upper":
          return ofExposure(limit.name, { upper: to });
        case "turnover":
          return between(0, 1) ? { ...next, turnover: percent } : undefined;
        case "tracking_error":
          return { ...next, trackingErrorMax: percent };
        case "leverage":
          return undefined;
      }
    })();
    if (!relaxed) return undefined;
    next = relaxed;
  }
  return next;
}
