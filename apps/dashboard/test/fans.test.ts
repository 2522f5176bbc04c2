import assert from "node:assert/strict";
import { test } from "node:test";
import type { Simulation } from "../src/api/types";
import { fanOf, modelRequest, parametersInWords } from "../src/display/models";

test("every model is asked the same question", () => {
  const [normal, student] = (["gbm", "student_t"] as const).map((model) => modelRequest(model, [0.01, -0.02], 30, 7));
  assert.deepEqual({ ...student, model: "gbm" }, normal);
  assert.deepEqual(normal?.horizons, [5, 10, 15, 20, 25, 30]);
  assert.deepEqual([normal?.returns, normal?.drift, normal?.seed], [{ portfolio: [0.01, -0.02] }, "zero_excess", 7]);
  assert.deepEqual(modelRequest("gbm", [], 2, 7).horizons, [1, 2], "no day twice, and none before the first");
});

test("a fan begins where every path does", () => {
  const estimate = (value: number): object => ({ value, standard_error: 0 });
  const statistics = {
    terminal_quantile_05: estimate(0.9),
    terminal_quantile_50: estimate(1.01),
    terminal_quantile_95: estimate(1.1),
  };
  const fan = fanOf("Normal", { daily: { horizons: [{ day: 30, statistics }] } } as unknown as Simulation);
  assert.deepEqual(fan, { name: "Normal", days: [0, 30], low: [1, 0.9], median: [1, 1.01], high: [1, 1.1] });
  assert.equal(fanOf("Normal", {} as Simulation), undefined);
});

test("a law says what it was given or fitted", () => {
  const of = (parameters: object): string => parametersInWords({ daily: { model: { parameters } } } as unknown as Simulation);
  assert.equal(of({ degrees_of_freedom: 5 }), "degrees of freedom 5");
  assert.equal(of({ "garch.alpha": [0.10992], "garch.beta": [0.824895] }), "garch alpha 0.11, garch beta 0.825");
  assert.equal(of({}), "");
});
