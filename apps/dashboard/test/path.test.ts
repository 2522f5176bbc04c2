import assert from "node:assert/strict";
import { test } from "node:test";
import { pathInWords, pathLines, withoutPath, type PlanPath } from "../src/decision/path-words";

const weights = [
  { asset: "A", current_weight: 0.5 },
  { asset: "B", current_weight: 0.3 },
  { asset: "C", current_weight: 0.2 },
] as never;
const step = (period: number, held: number[], value: number, turnover: number) => ({
  period,
  weights: held,
  trades: [0, 0, 0],
  cash: 0,
  value,
  turnover,
  cost: turnover * 1e-3,
});
const path: PlanPath = {
  steps: [step(1, [0.45, 0.3, 0.25], 1, 0.1), step(2, [0.45, 0.38, 0.27], 1.1, 0.1)],
  turnover: 0.2,
  cost: 2e-4,
  objective: 0.0123,
  lower_bound: 0.0123 - 1e-9,
  iterations: 9,
};

test("a path is drawn from today's weights, the assets that move most first", () => {
  assert.deepEqual(
    pathLines({ weights }, path).map((line) => [line.name, ...line.weights]),
    [
      ["B", 0.3, 0.3, 0.38],
      ["C", 0.2, 0.25, 0.27],
      ["A", 0.5, 0.45, 0.45],
    ],
  );
});

test("the words of a path are its own figures, and a path that is not there has a reason", () => {
  assert.match(
    pathInWords(path),
    /^2 steps with a turnover of 20(\.0+)?%, 10(\.0+)?% of it in today's, and costs of 2(\.0+)? bp\./,
  );
  assert.equal(withoutPath(path), undefined);
  assert.match(withoutPath({ steps: [], reason: "no_history" }) ?? "", /without any history/);
  assert.match(
    withoutPath({ steps: [], reason: "limits_conflict", conflict_period: 3 }) ?? "",
    /the limits of step 3 contradict/,
  );
});
