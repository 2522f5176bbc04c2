// The states of the market under a plan: fitted when the button is pressed, in words, as a chart, and on every theme of the page accessible.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { axe, complaintsOf, launch, openPage, plan, post, server, settled, upload } from "./harness.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** Two hundred calm days and sixty in which returns are seven times as wide. */
const returns = (i) => Array.from({ length: 260 }, (_, day) => Math.round((((day * (37 + 8 * i)) % 11) - 5) * (day < 200 ? 6 : 40) * 100) / 1e6);

describe("the regimes panel", () => {
  it("fits two states to the target weights and shows the probability of the turbulent one under the history", async () => {
    const assets = ["Shares", "Bonds"].map((asset, i) => ({ asset, target_weight: 0.5, current_weight: i ? 0.4 : 0.6, historical_returns: returns(i) }));
    const held = returns(0).map((r, day) => 0.5 * r + 0.5 * returns(1)[day]);
    const told = (await post("/api/regimes", { returns: held, states: 2 })).body;
    const opened = await openPage(browser);
    const { page } = opened;
    await page.goto(`${server}/`);
    await upload(page, { name: "Regimes", portfolio_value: 100000, assets });
    await plan(page);
    await settled(page);
    await page.getByRole("button", { name: "Fit two states" }).click();
    const chart = page.locator("figure, .chart").filter({ hasText: "Turbulent state" }).first();
    await chart.locator('[role="img"] svg path').first().waitFor({ state: "attached" });
    const panel = page.locator("section").filter({ has: page.getByRole("button", { name: "Fit two states" }) });
    const words = await panel.innerText();
    // Both volatilities a year and the coming day, as the service answers the same returns.
    for (const variance of told.variances) assert.ok(words.includes(`${(100 * Math.sqrt(252 * variance)).toFixed(1)}%`), `${words}: ${variance}`);
    assert.ok(words.includes(`turbulent state has probability ${Math.round(100 * told.predicted[1])}%`), words);
    assert.ok(told.predicted[1] > 0.9, "the history ends in its wild days");
    assert.match(words, /Growth of one unit/);
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(await complaintsOf(opened), []);
    await opened.close();
  });
});
