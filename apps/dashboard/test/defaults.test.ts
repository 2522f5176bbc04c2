import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DEFAULTS, OPTIMIZATION_DEFAULTS, PATH_DEFAULTS, SIMULATION_DEFAULTS, VERDICT_DEFAULTS } from "../src/portfolio/defaults";

const contract = readFileSync(new URL("../../../openapi/openapi.json", import.meta.url), "utf8");
const { schemas } = JSON.parse(contract).components;

/** The first word after "Default" in the description of a member, which may be that of a reference beside it. */
function stated(schema: string, member: string): string | undefined {
  const words = JSON.stringify(schemas[schema].properties[member]);
  return /Default `?([^`\s"]+?)`?[.,]*[\s"]/.exec(words)?.[1]?.replaceAll(",", "");
}

test("the page's defaults are those the contract states", () => {
  const rooms = {
    RebalanceRequest: DEFAULTS,
    MonteCarloRequest: SIMULATION_DEFAULTS,
    OptimizationRequest: OPTIMIZATION_DEFAULTS,
    PlanPathRequest: PATH_DEFAULTS,
  };
  for (const [schema, defaults] of Object.entries(rooms)) {
    for (const [member, value] of Object.entries(defaults)) assert.equal(stated(schema, member), String(value), member);
  }
});

test("the page's limits of the verdict are those the contract states", () => {
  const limits = schemas.VerdictLimitsRequest.properties;
  for (const [limit, levels] of Object.entries(VERDICT_DEFAULTS)) {
    const words = JSON.stringify(limits[limit]);
    for (const level of typeof levels === "number" ? [levels] : Object.values(levels))
      assert.match(words, new RegExp(`Defaults? .*${String(level).replace(".", "\\.")}`), limit);
  }
});
