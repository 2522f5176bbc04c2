/** What a learned allocator told: which one is the latest, and its curve as points. */

import type { Allocator, ModelList } from "../api/types";

/** The id of the latest allocator of an inventory. */
export function latestAllocator({ models }: ModelList): string | undefined {
  return models.findLast(({ id }) => id.startsWith("learned_allocator_"))?.id;
}

/** A point of the learning curve: the growth of each seed, and the lowest, the mean and the highest of them. */
export interface CurvePoint {
  steps: number;
  growth: number[];
  low: number;
  mean: number;
  high: number;
}

/** The points of a curve. */
export function curvePoints({ learning_curve: { steps, seeds } }: Allocator): CurvePoint[] {
  return steps.map((at, i) => {
    const growth = seeds.map(({ growth_annual }) => growth_annual[i] ?? 0);
    const mean = growth.reduce((sum, one) => sum + one, 0) / Math.max(growth.length, 1);
    return { steps: at, growth, low: Math.min(...growth), mean, high: Math.max(...growth) };
  });
}
