import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan } from "../src/api/types";
import { memberInWords } from "../src/decision/member-words";

// Page fault 21: an abstaining member showed its mean as a forecast.
test("a member that abstains has no forecast", () => {
  const forecast = {
    momentum: 0.0005,
    mean_reversion: 0.0004,
    abstentions: [{ member: "mean_reversion", reason: "Returns do not reverse." }],
  } as unknown as Plan["house_view"]["asset_forecasts"][number];
  assert.equal(memberInWords(forecast, "momentum"), "0.050%");
  assert.equal(memberInWords(forecast, "mean_reversion"), "abstains: Returns do not reverse.");
});
