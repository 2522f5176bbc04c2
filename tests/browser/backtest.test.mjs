// Backtests: policies on the histories of the book, with their verdicts, and the plan of a day.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import {
  axe,
  complaintsOf,
  launch,
  lookAtExample,
  openPage,
  server,
  settled,
  shot,
} from "./harness.mjs";

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
    const verdicts = panel.getByRole("region", {
      name: "Growth of wealth compared, day by day",
    });
    const told = await verdicts
      .locator("tbody tr td:nth-child(3)")
      .allTextContents();
    assert.equal(told.length, 5);
    assert.ok(
      told.every((verdict) =>
        ["better", "worse", "not distinguishable"].includes(verdict),
      ),
      told.join(),
    );
    await panel.getByText(/The service counts them in the study book-[a-z0-9-]+: \d+ new ones?, \d+ earlier ones?\./).waitFor();
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
    assert.match(
      await readFile(await saved.path(), "utf8"),
      /<h2>Verdict<\/h2>/,
    );

    // A click on a day opens what each kind of policy decided on it: the book before, targets, trades, costs, and why.
    const decided = panel.locator("section.decided");
    const open = async (name) => {
      const days = panel.locator("details").filter({ hasText: name });
      if (!(await days.getAttribute("open").then((found) => found !== null)))
        await days.locator("summary").click();
      await days.locator("tbody button").first().click();
      await decided
        .getByRole("heading", { name: new RegExp(`^${name}, `) })
        .waitFor();
    };
    const column = async (place) =>
      (
        await decided
          .locator(`tbody tr td:nth-child(${place})`)
          .allTextContents()
      ).map((cell) => parseFloat(cell));
    const total = (values) => values.reduce((sum, value) => sum + value, 0);
    for (const [name, why] of [
      [
        "Bands 5/25, looked at daily",
        /It looks every day\. Outside its band: .+ against .+ ±/,
      ],
      [
        "Optimal weights, monthly",
        /It plans on the first day of each month by the optimal method/,
      ],
      [
        "As this portfolio is planned, monthly",
        /with the settings of this portfolio/,
      ],
      [
        "Rebalanced monthly",
        /It returns to its weights on the first day of each month\./,
      ],
    ]) {
      await open(name);
      assert.match(await decided.locator("p").first().textContent(), why);
      for (const place of [2, 3, 6])
        assert.ok(
          Math.abs(total(await column(place)) - 100) < 0.1,
          `${name}: weights of column ${place} are a book`,
        );
    }
    // Rebalanced, a book is at its targets.
    const [targets, after] = [await column(3), await column(6)];
    after.forEach((weight, i) =>
      assert.ok(
        Math.abs(weight - targets[i]) <= 0.01,
        `${weight} is ${targets[i]}`,
      ),
    );
    assert.deepEqual(await axe(page), []);

    // So does a click on the curves: the newest decision up to the last day.
    const curves = panel
      .locator("figure.chart")
      .first()
      .locator(".chart-surface");
    await curves.scrollIntoViewIfNeeded();
    const { width, height } = await curves.boundingBox();
    await curves.click({ position: { x: width - 24, y: height / 2 } });
    await panel
      .getByText("Up to that day the other policies decided last on:")
      .waitFor();

    await open("Rebalanced monthly");
    await decided.getByRole("button", { name: "Open as a plan" }).click();
    await page
      .getByRole("tabpanel", { name: "Decision" })
      .getByRole("heading", { level: 2 })
      .first()
      .waitFor();
    await page
      .getByText(/Rebalanced monthly, day \d+/)
      .first()
      .waitFor();
    assert.deepEqual(await complaintsOf(opened), []);
  });

  it("replay thirty years of stocks that come with the service, and say what flatters them", async () => {
    const opened = await openPage(browser);
    const { page } = opened;
    await page.goto(`${server}/`);
    await page.getByRole("tab", { name: "Backtest" }).click();
    const panel = page.getByRole("tabpanel", { name: "Backtest" });
    await panel.getByLabel("Histories").selectOption("stocks_1990_2022");
    await panel
      .getByText(/survived until 2022, which nobody could have chosen in 1990/)
      .waitFor();
    for (const label of [
      "Bands 5/25, looked at daily",
      "The bands of this portfolio, looked at daily",
    ])
      await panel.getByLabel(label).uncheck();
    await panel.getByRole("button", { name: "Run the backtest" }).click();
    await panel
      .getByRole("region", { name: "After costs" })
      .waitFor({ timeout: 120_000 });
    await panel.getByText(/8,?312 days were replayed/).waitFor();
    assert.equal(
      await panel
        .locator("strong")
        .filter({ hasText: "survived until 2022" })
        .count(),
      1,
    );
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(await complaintsOf(opened), []);
  });

  it("say what is missing where a book has no history", async () => {
    const { page } = await openPage(browser);
    await page.goto(`${server}/`);
    await page.getByRole("tab", { name: "Backtest" }).click();
    await page.getByRole("button", { name: "Run the backtest" }).click();
    await page
      .getByText("A backtest needs a book: enter one under Portfolio.")
      .waitFor();
  });
});
