// Faults of the page that were found in use and have no better place: the table in README.md says where each of the others is held.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { complaintsOf, launch, lookAtExample, openDecision, openPage, post, scenarios, server, settled, upload, plan } from "./harness.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

async function auditEntries() {
  return (await (await fetch(`${server}/api/audit/verify`)).json()).entries;
}

describe("page fault 10: plans were stored that nobody asked for, and none was found again", () => {
  it("looking, sliding and planning store nothing; a committed plan is found by its title", async () => {
    const before = await auditEntries();
    const opened = await openPage(browser);
    const { page } = opened;
    await page.goto(`${server}/`);
    await lookAtExample(page);
    await settled(page);
    const slider = page.getByLabel("Turnover limit").and(page.locator('input[type="range"]'));
    for (let step = 0; step < 3; step += 1) {
      await Promise.all([page.waitForResponse("**/api/rebalance"), slider.press("ArrowLeft")]);
      await settled(page);
    }
    await page.reload();
    await page.getByRole("tab", { name: "Plans" }).click();
    assert.equal(await auditEntries(), before, "nothing is stored, by pages and sliders alike");

    await page.getByRole("tab", { name: "Decision" }).click();
    await lookAtExample(page);
    await settled(page);
    const title = `Mandate review ${Date.now()}`;
    await page.getByLabel("Title").and(page.locator(".commit input")).fill(title);
    await page.getByRole("button", { name: "Commit", exact: true }).click();
    await page.getByRole("button", { name: "Copy link" }).first().waitFor();
    assert.equal(await auditEntries(), before + 1);
    const { items } = await (await fetch(`${server}/api/plans?limit=1`)).json();
    await page.getByRole("tab", { name: "Plans" }).click();
    await page.getByLabel("Find").fill(title.toUpperCase());
    const rows = page.locator("table", { hasText: "Stored plans, newest first" }).locator("tbody tr");
    await page.waitForFunction(() => document.querySelectorAll("#panel-2 tbody tr").length === 1);
    const [row] = await rows.allInnerTexts();
    const value = items[0].portfolio_value.toLocaleString("en-US", { minimumFractionDigits: 2 });
    for (const text of [title, value, `\t${items[0].orders}\t`]) assert.ok(row.includes(text), `${text} in ${row}`);
    assert.match(row, /Within limits|Review required|Rejected/);
    assert.deepEqual(await complaintsOf(opened), []);
    await opened.close();
  });
});

describe("page fault 12: examples of the contract were refused under Execute", () => {
  // `apps/api/tests/api/contract.rs` posts the example of every operation; here is what a reader sees who presses Execute.
  it("Execute in the API browser answers 200 for its own example", async () => {
    const opened = await openPage(browser);
    const { page } = opened;
    // The API browser draws the whole schema of a request, which takes it seconds.
    page.setDefaultTimeout(120_000);
    await page.goto(`${server}/docs/`);
    for (const [id, path] of [["operations-plans-create_rebalance_plan", "/api/rebalance"], ["operations-analytics-create_tca", "/api/tca"]]) {
      const block = page.locator(`#${id}`);
      await block.locator(".opblock-summary-control").click();
      await block.getByRole("button", { name: "Try it out" }).click();
      const [answer] = await Promise.all([page.waitForResponse(`**${path}`), block.getByRole("button", { name: "Execute" }).click()]);
      assert.equal(answer.status(), 200, path);
      await block.locator(".live-responses-table tbody .response-col_status", { hasText: "200" }).first().waitFor();
      await block.locator(".opblock-summary-control").click();
    }
    assert.deepEqual(await complaintsOf(opened), []);
    await opened.close();
  });
});

describe("page fault 21: an abstaining member showed its mean as a forecast", () => {
  it("says that a member abstains, and why, where the others have a figure", async () => {
    const [scenario] = await scenarios();
    // An asset without a history: the members of this model have nothing to go by.
    const request = { ...scenario, name: "No history", forecast_model: "ensemble_v2", assets: scenario.assets.map((asset, i) => (i === 0 ? { ...asset, historical_returns: [] } : asset)) };
    const { house_view } = (await post("/api/rebalance", { ...request, store: false })).body;
    const forecast = house_view.asset_forecasts[0];
    assert.ok(forecast.abstentions.length > 0, "a member abstains without a history");
    const opened = await openDecision(browser);
    const { page } = opened;
    await upload(page, request);
    await plan(page);
    await page.waitForFunction((name) => document.querySelector(".report-head h1")?.textContent?.endsWith(name), request.name);
    await settled(page);
    await page.locator("table.trades tbody th button", { hasText: forecast.asset }).first().click();
    const members = page.locator("dialog[open] table", { hasText: "Ensemble" });
    const named = { momentum: "Momentum", mean_reversion: "Mean reversion", ewma: "EWMA" };
    const abstaining = new Map(forecast.abstentions.map(({ member, reason }) => [member, reason]));
    for (const [member, label] of Object.entries(named)) {
      const told = await members.locator("tr", { hasText: label }).first().locator("td").innerText();
      if (abstaining.has(member)) assert.equal(told, `abstains: ${abstaining.get(member)}`);
      else assert.match(told, /^[−\d.]+%$/);
    }
    assert.deepEqual(await complaintsOf(opened), []);
    await opened.close();
  });
});
