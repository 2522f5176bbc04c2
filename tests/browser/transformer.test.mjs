// Quantiles of the coming days by a transformer: the fan beside conformal intervals, the inputs that it uses, the days that it looks at.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { axe, complaintsOf, launch, openPage, plan, post, server, settled, upload } from "./harness.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const NAMES = ["Alpha", "Beta"];
const DAYS = 640;
/** Weekdays from a Monday on; the last of 640 is a Friday. */
const DATES = (() => {
  const dates = [];
  for (let day = new Date("2019-01-07T00:00:00Z"); dates.length < DAYS; day = new Date(day.getTime() + 86_400_000))
    if (day.getUTCDay() % 6 !== 0) dates.push(day.toISOString().slice(0, 10));
  return dates;
})();
/** Even noise that is eight times as wide on Mondays, by the generator of Park and Miller. */
function returns(seed) {
  let state = seed;
  const next = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5;
  for (let i = 0; i < 100; i += 1) next();
  return DATES.map((_, day) => Math.round((day % 5 === 0 ? 0.08 : 0.01) * next() * 1e6) / 1e6);
}
const assets = NAMES.map((asset, i) => ({ asset, historical_returns: returns(i + 11) }));
const request = {
  name: "Coming days",
  portfolio_value: 100000,
  dates: DATES,
  assets: assets.map((asset, i) => ({ ...asset, target_weight: 0.5, current_weight: i ? 0.45 : 0.55 })),
};

async function opened(viewport) {
  const visit = await openPage(browser, { viewport });
  await visit.page.goto(`${server}/`);
  await upload(visit.page, request);
  await plan(visit.page);
  await settled(visit.page);
  const panel = visit.page.locator("section").filter({ has: visit.page.getByRole("heading", { name: "Coming days" }) });
  return { ...visit, panel };
}

describe("coming days", () => {
  it("says that no transformer was trained, and then draws what one says", async () => {
    const { page, panel, close, complaints } = await opened({ width: 1440, height: 900 });
    await panel.getByRole("button", { name: "Show coming days" }).click();
    await panel.getByText("No transformer has been trained here").waitFor();

    const transformer = { dates: DATES, lookback_days: 5, width: 4, steps: 160, learning_rate: 0.02, refits: 2, refit_days: 126 };
    const settings = { horizon_days: 5, seed: 7, start_date: DATES[0], end_date: DATES.at(-1), transformer };
    const trained = await post("/api/models/train", { assets, ...settings });
    assert.equal(trained.status, 200, JSON.stringify(trained.body));
    assert.equal(trained.body.model.id, "transformer_1");
    const asked = await post("/api/forecast", { assets, quantiles: { trained_model: "transformer_1", dates: DATES } });
    const { quantiles } = asked.body;

    await panel.getByRole("button", { name: "Show coming days" }).click();
    const chart = (title) => panel.locator("figure").filter({ has: page.getByRole("heading", { name: title }) });
    const fan = chart("Return of each coming day");
    await fan.locator('[role="img"] svg path').first().waitFor({ state: "attached" });
    const percent = (x) => `${(100 * x).toFixed(2).replace("-", "−")}%`;
    const [low, , , , high] = quantiles.assets[0].days[0].quantiles;
    const words = await fan.locator('[role="img"]').getAttribute("aria-label");
    assert.ok(words.startsWith("Return of Alpha on each of the 5 coming days."), words);
    assert.ok(words.includes(`between ${percent(low)} and ${percent(high)}`), words);
    // Every figure is in a table as well.
    for (const [title, rows] of [["Return of each coming day", 5], ["Inputs that it uses", 7], ["Days that it looks at", 5]]) {
      await chart(title).getByRole("button", { name: "Show data" }).click();
      assert.equal(await chart(title).locator("tbody tr").count(), rows, title);
    }
    const first = await fan.locator("tbody tr").first().innerText();
    assert.ok(first.includes(percent(high)), first);
    const [past] = quantiles.explanation.past_inputs.toSorted((a, b) => b.weight - a.weight);
    const heaviest = await chart("Inputs that it uses").locator("tbody tr").first().innerText();
    assert.ok(heaviest.includes(past.input) && heaviest.includes(`${(100 * past.weight).toFixed(1)}%`), heaviest);
    const attention = chart("Days that it looks at");
    // Five days up to the last one and five coming ones, of which the first coming day sees one.
    assert.deepEqual(await attention.locator("thead th").allInnerTexts(), ["Days ahead", "−4", "−3", "−2", "−1", "0", "1", "2", "3", "4", "5"]);
    assert.equal(await attention.locator("[role=img] svg path").count() >= 6 + 7 + 8 + 9 + 10, true);

    await panel.getByLabel("Asset").selectOption("Beta");
    assert.match(await fan.locator('[role="img"]').getAttribute("aria-label"), /^Return of Beta/);
    assert.deepEqual(await axe(page), []);
    if (process.env.PICTURES) await panel.screenshot({ path: `${process.env.PICTURES}/coming-days-1440.png` });
    assert.deepEqual(await complaintsOf({ page, complaints }), []);
    await close();
  });

  it("fits a telephone", async () => {
    const { page, panel, close, complaints } = await opened({ width: 360, height: 780 });
    await panel.getByRole("button", { name: "Show coming days" }).click();
    const drawn = panel.locator('figure [role="img"] svg path');
    await drawn.first().waitFor({ state: "attached" });
    assert.deepEqual(await axe(page), []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 360, `the page is ${wide} px wide`);
    if (process.env.PICTURES) await panel.screenshot({ path: `${process.env.PICTURES}/coming-days-360.png` });
    assert.deepEqual(await complaintsOf({ page, complaints }), []);
    await close();
  });
});
