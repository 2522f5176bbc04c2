// What the page makes of a learned allocator.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { curvePoints, latestAllocator } from "../src/display/allocator";

describe("a learned allocator", () => {
  it("is the latest of the inventory", () => {
    const models = ["ensemble_v3", "learned_allocator_1", "learned_allocator_2", "transformer_1"].map((id) => ({ id }));
    assert.equal(latestAllocator({ models } as never), "learned_allocator_2");
    assert.equal(latestAllocator({ models: models.slice(0, 1) } as never), undefined);
  });

  it("has a curve whose band is the range of its seeds", () => {
    const seeds = [
      { seed: 7, growth_annual: [0.02, 0.05] },
      { seed: 8, growth_annual: [0.04, 0.01] },
    ];
    const points = curvePoints({ learning_curve: { steps: [0, 2048], seeds, equal_weights_growth_annual: 0.03 } } as never);
    assert.deepEqual(
      points.map(({ steps, low, mean, high }) => [steps, low, Math.round(100 * mean), high]),
      [
        [0, 0.02, 3, 0.04],
        [2048, 0.01, 3, 0.05],
      ],
    );
  });
});
