import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { mayTilt, RECORD, SURVIVORS, tiltRecord } from "../src/portfolio/tilt";

const page = readFileSync(new URL("../../../docs/forecast.md", import.meta.url), "utf8");

/** A number as the table prints it, with its sign. */
const signed = (value: number, digits: number): string =>
  (value < 0 || Object.is(value, -0) ? "-" : "+") + Math.abs(value).toFixed(digits);

test("the record beside the switch is the table of docs/forecast.md", () => {
  assert.ok(page.includes(RECORD.command));
  // A reader of the page has no checkout: the command stands in the document.
  assert.ok(!/cargo/.test(readFileSync(new URL("../src/portfolio/tilt.ts", import.meta.url), "utf8")));
  assert.equal(RECORD.tests, RECORD.lines.length);
  for (const line of RECORD.lines) {
    const [figure, digits, unit] =
      line.bp_a_year === undefined
        ? [`R² ${signed(line.r_squared_percent ?? Number.NaN, 2)} %`, 2, "%"]
        : [`${signed(line.bp_a_year, 1)} bp a year, active in ${line.months_active} months`, 1, "bp"];
    const interval = `${signed(line.interval.lower, digits)} to ${signed(line.interval.upper, digits)} ${unit}`;
    const cells = [line.data, line.model, line.against, figure, interval, signed(line.t, 2), line.p.toFixed(3), line.verdict];
    assert.ok(page.includes(`| ${cells.join(" | ")} |`), cells.join(" | "));
  }
});

test("the record of a tilt is said with its verdict, whatever it is", () => {
  for (const model of ["ensemble_v3", "ensemble_v2"]) {
    for (const line of RECORD.lines.filter(({ model: tilt }) => tilt === `tilt of ${model}`)) {
      assert.ok(tiltRecord(model).includes(line.verdict) && tiltRecord(model).includes(`the ${line.data} data`));
    }
  }
  // Both have a line on the stocks, which are survivors.
  for (const model of ["ensemble_v3", "ensemble_v2"]) {
    assert.ok(tiltRecord(model).endsWith(` ${SURVIVORS}`), model);
  }
  assert.match(SURVIVORS, /survived/);
  assert.equal(tiltRecord("demo_ensemble_v1"), "The tilt of this model has no out-of-sample record.");
});

test("the switch stands wherever the service counts a tilt", () => {
  assert.ok(mayTilt({ method: "drift", goal: "policy" }) && mayTilt({ method: "drift", goal: "mean_variance" }));
  assert.ok(mayTilt({ method: "optimal", goal: "policy" }));
  assert.ok(!mayTilt({ method: "optimal", goal: "mean_variance" }));
});
