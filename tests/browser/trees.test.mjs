// A plan of a trained model: what each feature adds to a forecast, and the champion beside its challengers.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { axe, complaintsOf, launch, openPage, plan, post, server, settled, upload } from "./harness.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const NAMES = ["Alpha", "Beta", "Gamma", "Delta"];
/** Returns whose swings differ in pace and whose means differ for good. */
const returns = (i) => Array.from({ length: 320 }, (_, day) => Math.round((((day * (3 * i + 4)) % 23) - 11) * 80 + 40 * i) / 1e5);

describe("a trained model", () => {
  it("explains the forecast of an asset by a waterfall that ends at the forecast", async () => {
    const assets = NAMES.map((asset, i) => ({ asset, historical_returns: returns(i) }));
    const settings = { horizon_days: 1, rounds: 20, leaves: 4, rows_in_leaf: 15, start_date: "2024-10-17", end_date: "2026-01-26" };
    const trained = await post("/api/models/train", { assets, ...settings });
    assert.equal(trained.status, 200, JSON.stringify(trained.body));
    const request = {
      name: "Trees",
      portfolio_value: 100000,
      trained_model: trained.body.model.id,
      assets: assets.map((asset, i) => ({ ...asset, target_weight: 0.25, current_weight: 0.25 + (i % 2 ? 0.05 : -0.05) })),
    };
    const told = (await post("/api/rebalance", { ...request, store: false })).body.house_view.asset_forecasts[0];
    const opened = await openPage(browser);
    const { page } = opened;
    await page.goto(`${server}/`);
    await upload(page, request);
    await plan(page);
    await settled(page);
    await page.locator("table.trades").getByRole("button", { name: "Alpha" }).first().click();
    const chart = page.locator("figure, .chart").filter({ hasText: "Why this forecast" }).first();
    await chart.locator('[role="img"] svg path').first().waitFor({ state: "attached" });
    const words = await chart.locator('[role="img"]').getAttribute("aria-label");
    const yearly = (100 * 252 * told.ensemble).toFixed(2);
    assert.ok(words.replace("−", "-").startsWith(`Forecast of Alpha, ${yearly}% a year, as a sum: all assets`), `${words} ${yearly}`);
    for (const feature of ["return of a month", "volatility of a year", "distance from the high of a year"]) assert.ok(words.includes(feature), words);
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: "Show challengers" }).click();
    await page.getByRole("heading", { name: "Expected return", exact: true }).waitFor();
    const panel = page.locator("section").filter({ has: page.getByRole("heading", { name: "Challengers" }) });
    assert.match(await panel.innerText(), /ensemble_v3/);
    // What the triggers of the champion measure: no plan has an outcome, so each says that there are too few, or who looks.
    assert.match(await panel.innerText(), /Monitoring triggers of ensemble_v3 .*, over 0 plans/);
    assert.match(await panel.innerText(), /no figure: too few observations/);
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(await complaintsOf(opened), []);
    await opened.close();
  });
});
