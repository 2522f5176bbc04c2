// Backtests: policies on the histories of the book, with their verdicts, and the plan of a day.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { axe, complaintsOf, launch, lookAtExample, openPage, server, settled, shot } from "./harness.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

describe("backtests", () => {
  it("compare policies in words, and open the plan of a day", async () => {
    const opened = await openPage(browser);
    const { page } = opened;
    await page.goto(`${server}/`);
    await lookAtExample(page);
    await settled(page);
    await page.getByRole("tab", { name: "Backtest" }).click();
    const panel = page.getByRole("tabpanel", { name: "Backtest" });
    await panel.getByLabel("Optimal weights, monthly").check();
    await panel.getByLabel("As this portfolio is planned, monthly").check();
    await panel.getByRole("button", { name: "Run the backtest" }).click();
    const figures = panel.getByRole("region", { name: "After costs" });
    await figures.waitFor();
    assert.equal(await figures.locator("tbody tr").count(), 6);
    const verdicts = panel.getByRole("region", { name: "Growth of wealth compared, day by day" });
    const told = await verdicts.locator("tbody tr td:nth-child(3)").allTextContents();
    assert.equal(told.length, 5);
    assert.ok(told.every((verdict) => ["better", "worse", "not distinguishable"].includes(verdict)), told.join());
    assert.doesNotMatch(await panel.innerText(), /\/policies\//, "no pointers");
    assert.ok((await panel.locator("ul.notes li").count()) <= 3, "equal reasons are one");
    const marks = await panel.locator(".key-line").evaluateAll((all) => all.slice(0, 6).map((mark) => mark.className));
    assert.equal(new Set(marks).size, 6, `no two curves look alike: ${marks}`);
    assert.match(await panel.locator('[role="img"]').first().getAttribute("aria-label"), /from \d{4}-\d\d-\d\d to 2001-09-21/);
    assert.deepEqual(await axe(page), []);
    await shot(page, "backtest", { fullPage: true });

    const downloading = page.waitForEvent("download");
    await panel.getByRole("button", { name: "Download report" }).click();
    const saved = await downloading;
    assert.equal(saved.suggestedFilename(), "backtest.html");
    assert.match(await readFile(await saved.path(), "utf8"), /<h2>Verdict<\/h2>/);

    const days = panel.locator("details").filter({ hasText: "Rebalanced monthly" });
    await days.locator("summary").click();
    await days.locator("tbody button").first().click();
    await page.getByRole("tabpanel", { name: "Decision" }).getByRole("heading", { level: 2 }).first().waitFor();
    await page.getByText(/Rebalanced monthly, day \d+/).first().waitFor();
    assert.deepEqual(await complaintsOf(opened), []);
  });

  it("replay thirty years of stocks that come with the service, and say what flatters them", async () => {
    const opened = await openPage(browser);
    const { page } = opened;
    await page.goto(`${server}/`);
    await page.getByRole("tab", { name: "Backtest" }).click();
    const panel = page.getByRole("tabpanel", { name: "Backtest" });
    await panel.getByLabel("Histories").selectOption("stocks_1990_2022");
    await panel.getByText(/survived until 2022, which nobody could have chosen in 1990/).waitFor();
    for (const label of ["Bands 5/25, looked at daily", "The bands of this portfolio, looked at daily"])
      await panel.getByLabel(label).uncheck();
    await panel.getByRole("button", { name: "Run the backtest" }).click();
    await panel.getByRole("region", { name: "After costs" }).waitFor({ timeout: 120_000 });
    await panel.getByText(/8,?312 days were replayed/).waitFor();
    assert.equal(await panel.locator("strong").filter({ hasText: "survived until 2022" }).count(), 1);
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(await complaintsOf(opened), []);
  });

  it("say what is missing where a book has no history", async () => {
    const { page } = await openPage(browser);
    await page.goto(`${server}/`);
    await page.getByRole("tab", { name: "Backtest" }).click();
    await page.getByRole("button", { name: "Run the backtest" }).click();
    await page.getByText("A backtest needs a book: enter one under Portfolio.").waitFor();
  });
});
