// A learned allocator: its policies on the days held out, how it learned, and what it would trade at each drift.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { axe, complaintsOf, launch, openPage, plan, post, server, settled, upload } from "./harness.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const NAMES = ["Alpha", "Beta", "Gamma"];
/** Even noise, by the generator of Park and Miller. */
function returns(seed, mean = 0.0003, spread = 0.03) {
  let state = seed;
  const next = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5;
  for (let i = 0; i < 100; i += 1) next();
  return Array.from({ length: 800 }, () => Math.round((mean + spread * next()) * 1e6) / 1e6);
}
const assets = NAMES.map((asset, i) => ({ asset, historical_returns: returns(i + 11) }));
const request = {
  name: "Learned",
  portfolio_value: 100000,
  assets: assets.map((asset, i) => ({ ...asset, target_weight: [0.4, 0.3, 0.3][i], current_weight: [0.5, 0.25, 0.25][i] })),
};

async function opened(viewport) {
  const visit = await openPage(browser, { viewport });
  await visit.page.goto(`${server}/`);
  await upload(visit.page, request);
  await plan(visit.page);
  await settled(visit.page);
  const panel = visit.page.locator("section").filter({ has: visit.page.getByRole("heading", { name: "Learned allocator" }) });
  return { ...visit, panel };
}

describe("learned allocator", () => {
  it("says that none was learned, and then shows table, curve and map of one", async () => {
    const { page, panel, close, complaints } = await opened({ width: 1440, height: 900 });
    await panel.getByRole("button", { name: "Show learned allocator" }).click();
    await panel.getByText("No allocator has been learned here").waitFor();

    const allocator = { seeds: 2, steps: 4096, held_out_days: 252 };
    const trained = await post("/api/models/train", { assets, start_date: "2019-01-07", end_date: "2022-01-28", seed: 7, allocator });
    assert.equal(trained.status, 200, JSON.stringify(trained.body));
    const told = trained.body.allocator;
    assert.equal(trained.body.model.id, "learned_allocator_1");

    await panel.getByRole("button", { name: "Show learned allocator" }).click();
    await panel.getByText(`learned_allocator_1, challenger: ${told.conclusion}.`).waitFor();
    const percent = (x) => `${(100 * x).toFixed(2).replace("-", "−")}%`;
    const rows = await panel.getByRole("region", { name: "Policies over 252 days held out" }).locator("tbody tr").allInnerTexts();
    // The allocator, five plain policies, two seeds.
    assert.equal(rows.length, 8);
    told.rivals.forEach(({ figures, difference_annual, verdict }, i) => {
      for (const text of [figures.name, percent(figures.growth_annual), percent(difference_annual), verdict])
        assert.ok(rows[i + 1].includes(text), `${rows[i + 1]} without ${text}`);
    });

    const chart = (title) => panel.locator("figure").filter({ has: page.getByRole("heading", { name: title }) });
    const map = chart("What it would trade");
    await map.locator('[role="img"] svg path').first().waitFor({ state: "attached" });
    assert.ok((await map.locator('[role="img"] svg path').count()) >= 3 * 21, "a cell for each asset and drift");
    await map.getByRole("button", { name: "Show data" }).click();
    assert.equal(await map.locator("thead th").count(), 22);
    const first = await map.locator("tbody tr").first().innerText();
    assert.ok(first.includes(percent(told.policy_map.assets[0].trades[0])), first);
    const curve = chart("How it learned");
    const words = await curve.locator('[role="img"]').getAttribute("aria-label");
    assert.ok(words.includes(`Equal weights grew by ${percent(told.learning_curve.equal_weights_growth_annual)}.`), words);
    await curve.getByRole("button", { name: "Show data" }).click();
    assert.equal(await curve.locator("tbody tr").count(), 3);
    assert.deepEqual(await curve.locator("thead th").allInnerTexts(), ["Steps", "Mean", "Seed 7", "Seed 8"]);
    assert.deepEqual(await axe(page), []);
    if (process.env.PICTURES) await panel.screenshot({ path: `${process.env.PICTURES}/allocator-1440.png` });
    assert.deepEqual(await complaintsOf({ page, complaints }), []);
    await close();
  });

  it("once promoted, decides a plan that names it, which says so", async () => {
    // Means 20 basis points apart a day: something to learn.
    const apart = [0.001, -0.001].map((mean, i) => ({ asset: ["Up", "Down"][i], historical_returns: returns(i + 31, mean, 0.0105) }));
    const body = { assets: apart, start_date: "2019-01-07", end_date: "2022-01-28", seed: 7, allocator: { seeds: 1, steps: 20480, held_out_days: 252 } };
    const headers = { "Content-Type": "application/json" };
    const queued = await fetch(`${server}/api/models/train`, { method: "POST", headers: { ...headers, Prefer: "respond-async" }, body: JSON.stringify(body) });
    const place = `${server}${queued.headers.get("location")}`;
    let run = await queued.json();
    for (let i = 0; i < 600 && !run.metadata.finished_at; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      run = await (await fetch(place)).json();
    }
    const { id } = run.items[0].training.model;
    const person = JSON.stringify({ reason: "an edge on the days held out", approved_by: "Kim Lee" });
    const moved = (how) => fetch(`${server}/api/models/${id}/${how}`, { method: "POST", headers: { ...headers, "If-Match": "*" }, body: person });
    assert.equal((await moved("promotion")).status, 200);

    const { page, close, complaints } = await openPage(browser, { viewport: { width: 1440, height: 900 } });
    await page.goto(`${server}/`);
    const book = apart.map((asset, i) => ({ ...asset, target_weight: 0.5, current_weight: [0.44, 0.56][i] }));
    await upload(page, { name: "Decided", portfolio_value: 100000, turnover_limit: 2, learned_allocator: id, assets: book });
    await plan(page);
    await settled(page);
    await page.getByText(`Targets and bands are those of ${id}, in the place of the policy's.`).waitFor();
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(await complaintsOf({ page, complaints }), []);
    await close();
    assert.equal((await moved("demotion")).status, 200);
  });

  it("fits a telephone", async () => {
    const { page, panel, close, complaints } = await opened({ width: 360, height: 780 });
    await panel.getByRole("button", { name: "Show learned allocator" }).click();
    await panel.locator('figure [role="img"] svg path').first().waitFor({ state: "attached" });
    assert.deepEqual(await axe(page), []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 360, `the page is ${wide} px wide`);
    if (process.env.PICTURES) await panel.screenshot({ path: `${process.env.PICTURES}/allocator-360.png` });
    assert.deepEqual(await complaintsOf({ page, complaints }), []);
    await close();
  });
});
