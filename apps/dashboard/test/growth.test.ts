import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { GROWTH, growthInWords } from "../src/portfolio/growth";

const contract = JSON.parse(readFileSync(new URL("../../../openapi/openapi.json", import.meta.url), "utf8"));

test("every growth that a simulation may have is told in words", () => {
  const choices: string[] = contract.components.schemas.DriftChoice.enum;
  assert.deepEqual([...choices].sort(), GROWTH.map(([choice]) => choice).sort());
  assert.equal(growthInWords("zero_excess"), "Risk-free rate");
});
