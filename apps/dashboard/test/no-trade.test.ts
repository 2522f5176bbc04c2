import assert from "node:assert/strict";
import { test } from "node:test";
import type { WeightEntry } from "../src/api/types";
import { insideRegions, noTradeBars, regionInWords } from "../src/charts/no-trade";
import type { Palette } from "../src/dom/theme";

const weight = (after: number, region: readonly [number, number] | string): WeightEntry => {
  const found = typeof region === "string" ? null : { lower: region[0], upper: region[1] };
  const reason = typeof region === "string" ? region : null;
  return { weight_after: after, no_trade_region: found, no_trade_region_reason: reason } as unknown as WeightEntry;
};

test("a region is its two ends, or why there is none", () => {
  assert.equal(regionInWords(weight(0.25, [0.241, 0.263])), "24.10% – 26.30%");
  assert.equal(regionInWords(weight(0.25, "no history")), "no history");
});

test("the plan leaves an asset inside its region up to the rounding of whole cents", () => {
  const weights = [
    weight(0.25, [0.24, 0.26]),
    weight(0.260_009, [0.24, 0.26]),
    weight(0.239_991, [0.24, 0.26]),
    weight(0.260_011, [0.24, 0.26]),
    weight(0.1, "no history"),
  ];
  assert.match(insideRegions(weights), /leaves 3 of 4 inside/);
});

interface Line {
  type: string;
  shape: { x1: number; y1: number; x2: number; y2: number };
}

/** The lines that are drawn for a row of the data, on an axis with 100 pixels a unit and 40 a row. */
function drawn(row: readonly number[]): Line[] {
  const { renderItem } = noTradeBars({ after: "#123456" } as unknown as Palette, [], 1);
  const api = { value: (i: number) => row[i], coord: ([x, y]: [number, number]) => [100 * x, 40 * y] };
  const group = (renderItem as unknown as (params: object, api: object) => { children: Line[] })({}, api);
  return group.children;
}

test("a bar goes from end to end of the region below the row's other marks, with a cap at each end", () => {
  const [bar, left, right, ...more] = drawn([0.2, 0.3, 1, 0]);
  assert.deepEqual(bar?.shape, { x1: 20, y1: 53, x2: 30, y2: 53 });
  assert.deepEqual(left?.shape, { x1: 20, y1: 49, x2: 20, y2: 57 });
  assert.deepEqual(right?.shape, { x1: 30, y1: 49, x2: 30, y2: 57 });
  assert.equal(more.length, 0);
});

test("a region that goes on beyond the axis has no cap there, and one that begins beyond it no bar", () => {
  const weights = [weight(0.2, [0.1, 0.3]), weight(0.2, "no history"), weight(0.2, [0.3, 0.9]), weight(0.2, [0.6, 0.9])];
  const { data } = noTradeBars({ after: "#123456" } as unknown as Palette, weights, 0.5);
  assert.deepEqual(data, [
    [0.1, 0.3, 0, 0],
    [0.3, 0.5, 2, 1],
  ]);
  assert.equal(drawn([0.3, 0.5, 2, 1]).length, 2, "the bar and the cap at its left end");
});
