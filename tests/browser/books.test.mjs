// Named books: saved in the browser and in the service, opened from both, and never overwritten unseen.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { axe, complaintsOf, launch, openPage, server } from "./harness.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** A name that no earlier run of these tests has used on this server. */
const NAME = `Smith ${Date.now()}`;

async function visit() {
  const opened = await openPage(browser);
  await opened.page.goto(`${server}/`);
  await opened.page.getByRole("heading", { name: "Start with your own book" }).waitFor();
  return opened;
}

async function enter(page, name, price) {
  await page.getByRole("button", { name: "Enter my book" }).click();
  for (const [title, value] of [["Asset", "VTI"], ["Units held", "212"], ["Price", price], ["Target, %", "100"]]) await page.getByLabel(`${title}, row 1`, { exact: true }).fill(value);
  await page.getByLabel("Title", { exact: true }).fill(name);
  await page.getByLabel("Cash held").fill("100");
  await page.getByLabel("Cash held").press("Tab");
}

const bar = (page) => page.getByRole("region", { name: "Books" });
const press = (page, name) => bar(page).getByRole("button", { name, exact: true }).click();
const told = (page, text) => bar(page).getByText(text).waitFor();
const price = (page) => page.getByLabel("Price, row 1", { exact: true });

async function reprice(page, value) {
  await price(page).fill(value);
  await price(page).press("Tab");
}

describe("named books", () => {
  it("are saved here and in the service, and of two desks the second is told", async () => {
    const [one, other] = [await visit(), await visit()];
    await enter(one.page, " ", "287.31");
    await press(one.page, "Save book");
    await told(one.page, "Give the book a title first");
    await one.page.getByLabel("Title", { exact: true }).fill(NAME);
    await one.page.getByLabel("Title", { exact: true }).press("Tab");
    await press(one.page, "Save book");
    await told(one.page, `“${NAME}” is saved in this browser.`);
    await press(one.page, "Save in the service");
    await told(one.page, "as version 1 and in this browser");
    assert.deepEqual(await axe(one.page), []);

    // The other desk finds it, by the keyboard alone.
    await other.page.getByRole("tab", { name: "Portfolio" }).click();
    await bar(other.page).getByRole("button", { name: "Open book…" }).focus();
    await other.page.keyboard.press("Enter");
    const list = other.page.getByRole("dialog", { name: "Open a book" });
    await list.getByText("No book is saved in this browser yet.").waitFor();
    await list.getByLabel("Find").fill(NAME.toLowerCase());
    await list.getByRole("button", { name: NAME, exact: true }).waitFor();
    assert.deepEqual(await axe(other.page), []);
    await list.getByRole("button", { name: NAME, exact: true }).focus();
    await other.page.keyboard.press("Enter");
    await told(other.page, `“${NAME}” is open: version 1`);
    assert.equal(await price(other.page).inputValue(), "287.31");

    // Both change it; the first to save wins.
    await reprice(one.page, "300");
    await press(one.page, "Save in the service");
    await told(one.page, "as version 2");
    await reprice(other.page, "250");
    await press(other.page, "Save in the service");
    await told(other.page, `Someone saved a newer version of “${NAME}”: load it, or save yours under another title.`);
    assert.deepEqual(await axe(other.page), []);
    await press(other.page, "Load the version of the service");
    const question = other.page.getByRole("dialog", { name: "Replace your book?" });
    await question.getByRole("button", { name: "Keep my book" }).click();
    assert.equal(await price(other.page).inputValue(), "250", "nothing is lost unasked");
    await press(other.page, "Load the version of the service");
    await question.getByRole("button", { name: "Replace it" }).click();
    await told(other.page, `“${NAME}” is open: version 2`);
    assert.equal(await price(other.page).inputValue(), "300");

    // After a reload the browser's own book is still there, and is the service's.
    await one.page.reload();
    await one.page.getByRole("button", { name: "Open book…" }).click();
    const shelf = one.page.getByRole("region", { name: /^Books of this browser/ });
    assert.match(await shelf.getByRole("row", { name: new RegExp(NAME) }).innerText(), /\t2\t/);
    await shelf.getByRole("button", { name: NAME, exact: true }).click();
    await told(one.page, `“${NAME}” is open, as it was saved in this browser.`);
    await reprice(one.page, "310");
    await press(one.page, "Save in the service");
    await told(one.page, "as version 3");

    const { items } = await (await fetch(`${server}/api/portfolios?query=${encodeURIComponent(NAME)}`)).json();
    assert.deepEqual(items.map(({ name, version }) => [name, version]), [[NAME, 3]]);
    await one.page.setViewportSize({ width: 360, height: 800 });
    await one.page.getByRole("button", { name: "Open book…" }).click();
    await one.page.getByRole("dialog", { name: "Open a book" }).getByRole("table").nth(1).waitFor();
    assert.equal(await one.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);

    // Closed after a question, it is in the list no more; what the browser has of it stays.
    const open = one.page.getByRole("dialog", { name: "Open a book" });
    const close = open.getByRole("button", { name: `Close ${NAME} in the service` });
    const ask = one.page.getByRole("dialog", { name: `Close “${NAME}” in the service?` });
    await close.click();
    await ask.getByRole("button", { name: "Keep it" }).click();
    await close.click();
    assert.deepEqual(await axe(one.page), []);
    await ask.getByRole("button", { name: "Close it" }).click();
    await open.getByText(`“${NAME}” is closed in the service.`).waitFor();
    await close.waitFor({ state: "detached" });
    const left = await (await fetch(`${server}/api/portfolios?query=${encodeURIComponent(NAME)}`)).json();
    assert.deepEqual(left.items, []);
    await open.getByRole("button", { name: NAME, exact: true }).waitFor();
    assert.deepEqual(await complaintsOf(one), []);
    // The browser names each refused request; the page told it.
    assert.deepEqual((await complaintsOf(other)).filter((text) => !text.includes("412")), []);
    await Promise.all([one.close(), other.close()]);
  });

  it("tell which field keeps a book out of the service", async () => {
    const opened = await visit();
    const { page } = opened;
    await enter(page, `${NAME}, wrong`, "-1");
    await press(page, "Save in the service");
    const summary = page.locator(".fault-summary");
    await summary.getByRole("button", { name: /Price/ }).waitFor();
    assert.equal(await price(page).getAttribute("aria-invalid"), "true");
    await opened.close();
  });
});
