// Controls and execution: plans that wait for a person, the policy they are held against, halts, and what trading cost.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, describe, it } from "node:test";
import { axe, complaintsOf, launch, lookAtExample, openPage, post, scenarios, server, settled } from "./harness.mjs";

let browser;
/** The policy as it was before a test, which the tests after this file rely on. */
let usual;
before(async () => {
  browser = await launch();
  usual = await (await fetch(`${server}/api/controls/policy`)).json();
});
afterEach(async () => {
  await save(usual);
  await post("/api/controls/resume", { scope: "all", reason: "the test is over" });
});
after(() => browser?.close());

const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const panelOf = (page, name) => page.locator(".panel", { has: page.getByRole("heading", { name, exact: true }) });

async function save(policy) {
  const response = await fetch(`${server}/api/controls/policy`, { method: "PUT", headers: { "If-Match": "*", "Content-Type": "application/json" }, body: JSON.stringify(policy) });
  assert.equal(response.status, 200, await response.text());
}

/** A stored plan of the first example under a title that no other test uses. */
async function proposed(title) {
  const [scenario] = await scenarios();
  const { status, body } = await post("/api/rebalance", { ...scenario, title });
  assert.equal(status, 200);
  return body;
}

async function openTab(name, options) {
  const opened = await openPage(browser, options);
  await opened.page.goto(`${server}/`);
  await opened.page.getByRole("tab", { name }).click();
  return opened;
}

async function stateOf(id) {
  return (await fetch(`${server}/api/plans/${id}/state`)).json();
}

const refusals = (text) => /status of (4\d\d|503)/.test(text);

describe("plans that wait for a decision", () => {
  it("stand in a queue, beside what the policy says, and are approved with a comment", async () => {
    const name = `Queue ${Date.now()}`;
    await save({ format: 1, turnover: { soft: 0.001 }, concentration_name: { hard: 0.99 }, approval: { required: true } });
    const plan = await proposed(name);
    const opened = await openTab("Controls");
    const { page } = opened;
    const queue = panelOf(page, "Plans and decisions");
    const row = queue.getByRole("row", { name: new RegExp(name) });
    assert.ok((await row.innerText()).includes(`\t${plan.orders.length}\t`));
    await queue.getByRole("button", { name }).click();
    const detail = queue.getByRole("region", { name });
    await detail.getByText("Needs a comment to be approved: Two-way turnover beyond a soft limit.").waitFor();
    const checks = detail.getByRole("table", { name: /Proposed beside the policy/ });
    const turnover = (await checks.getByRole("row", { name: /Two-way turnover/ }).innerText()).split("\t").map((cell) => cell.trim());
    const [, outcome, value, limit] = turnover;
    assert.deepEqual([outcome, limit], ["Soft breach", "0.10%"]);
    // A purchase counts at what its limit allows.
    const most = (order) => (order.action === "Buy" ? order.quantity * order.limit_price : order.trade_value);
    const sum = plan.orders.reduce((total, order) => total + most(order), 0) / plan.portfolio_value;
    assert.ok(Math.abs(Number(value.replace("%", "")) - 100 * sum) < 0.02, `${value} of ${sum}`);
    assert.match(await checks.getByRole("row", { name: /^Largest weight/ }).innerText(), /Passes/);
    const orders = detail.getByRole("table", { name: "Proposed orders" });
    assert.equal(await orders.locator("tbody tr").count(), plan.orders.length);
    assert.deepEqual(await axe(page), []);

    // Without a comment the service refuses, and the page says why in words and leads to the field.
    await detail.getByRole("button", { name: "Approve" }).click();
    await detail.getByText(/^A comment is required, because the plan breaches soft limits/).waitFor();
    const comment = detail.getByLabel("Comment, kept in the audit trail");
    assert.ok(await comment.evaluate((field) => field === document.activeElement));
    assert.equal((await stateOf(plan.metadata.plan_id)).state, "proposed");
    await comment.fill("The transition that the committee agreed on");
    await detail.getByRole("button", { name: "Approve" }).click();
    await detail.getByText(`${name}: approved.`).waitFor();
    await detail.getByText(/^Approved by api, .* UTC: The transition that the committee agreed on$/).waitFor();
    const { state, steps } = await stateOf(plan.metadata.plan_id);
    assert.deepEqual([state, steps[0].comment], ["approved", "The transition that the committee agreed on"]);
    await row.waitFor({ state: "detached" });
    assert.deepEqual(await axe(page), []);

    // An approved plan can only be cancelled.
    await queue.getByLabel("Show", { exact: true }).selectOption("approved");
    await queue.getByRole("button", { name }).click();
    await detail.getByRole("button", { name: "Cancel the plan" }).waitFor();
    assert.deepEqual(await detail.locator(".decide-form button").allInnerTexts(), ["Cancel the plan"]);
    await detail.getByRole("button", { name: "Cancel the plan" }).click();
    await detail.getByText(`${name}: cancelled.`).waitFor();
    assert.deepEqual((await complaintsOf(opened)).filter((text) => !refusals(text)), []);
    await opened.close();
  });

  it("are refused past a hard limit, rejected with a comment, and told when somebody else decided first", async () => {
    const name = `Hard ${Date.now()}`;
    await save({ format: 1, currency: "USD", order_notional: { hard: 1 }, participation: { hard: 0.2, unknown: "not_assessed" } });
    const [plan, other] = [await proposed(name), await proposed(`${name}, other`)];
    const opened = await openTab("Controls", { viewport: { width: 360, height: 780 } });
    const { page } = opened;
    const queue = panelOf(page, "Plans and decisions");
    await queue.getByRole("button", { name, exact: true }).click();
    const detail = queue.getByRole("region", { name, exact: true });
    await detail.getByText("Cannot be approved: Order notional beyond a hard limit.").waitFor();
    const told = await detail.getByRole("row", { name: /Order notional/ }).innerText();
    assert.ok(plan.orders.some((order) => told.includes(`Order of ${order.asset}`)), told);
    assert.match(told, /Hard breach.*1\.00 USD/s);
    assert.match(await detail.getByRole("row", { name: /Participation/ }).innerText(), /Not assessed/);
    assert.equal(await overflow(page), 0);
    assert.deepEqual(await axe(page), []);
    await detail.getByLabel("Comment, kept in the audit trail").fill("please");
    await detail.getByRole("button", { name: "Approve" }).click();
    await detail.getByText("The plan stays as it was. Cannot be approved: Order notional beyond a hard limit.").waitFor();
    await detail.getByLabel("Comment, kept in the audit trail").fill("too large");
    await detail.getByRole("button", { name: "Reject" }).focus();
    await page.keyboard.press("Enter");
    await detail.getByText(`${name}: rejected.`).waitFor();
    assert.ok(await detail.getByRole("heading", { name, exact: true }).evaluate((heading) => heading === document.activeElement));
    assert.equal((await stateOf(plan.metadata.plan_id)).steps[0].comment, "too large");

    await queue.getByRole("button", { name: `${name}, other` }).click();
    const second = queue.getByRole("region", { name: `${name}, other` });
    await second.getByRole("button", { name: "Reject" }).waitFor();
    await post(`/api/plans/${other.metadata.plan_id}/cancel`, {});
    await second.getByRole("button", { name: "Reject" }).click();
    await second.getByText(/The plan stays as it was: the plan is cancelled\./).waitFor();
    assert.deepEqual((await complaintsOf(opened)).filter((text) => !refusals(text)), []);
    await opened.close();
  });

  it("open whole from the queue", async () => {
    const name = `Whole ${Date.now()}`;
    const plan = await proposed(name);
    const opened = await openTab("Controls");
    const { page } = opened;
    await panelOf(page, "Plans and decisions").getByRole("button", { name }).click();
    await page.getByRole("link", { name: "Open the whole plan" }).click();
    await page.waitForURL(`${server}/?plan=${plan.metadata.plan_id}`);
    await settled(page);
    await opened.close();
  });
});

describe("the control policy", () => {
  it("is seen, changed and saved, and of two writers the second is told what the first changed", async () => {
    const [one, other] = [await openTab("Controls"), await openTab("Controls")];
    const policy = (page) => panelOf(page, "Control policy");
    const field = (page, label) => policy(page).getByLabel(label, { exact: true });
    await field(one.page, "Two-way turnover, soft").waitFor();
    assert.equal(await field(one.page, "Two-way turnover, soft").inputValue(), "36");
    assert.match(await policy(one.page).innerText(), /The verdict's own levels, warning \/ critical above: two-way turnover 18% \/ 36%/);
    assert.deepEqual(await axe(one.page), []);
    await field(other.page, "Two-way turnover, soft").waitFor();
    await field(one.page, "Two-way turnover, soft").fill("40%");
    await field(one.page, "Order notional, hard").fill("100,000.50");
    await policy(one.page).getByRole("button", { name: "Save the policy" }).click();
    // A limit in money without its currency: the fault stands at its field.
    await policy(one.page).locator(".fault-summary", { hasText: "Currency of limits in money" }).waitFor();
    assert.equal(await field(one.page, "Currency of limits in money").getAttribute("aria-invalid"), "true");
    assert.deepEqual(await axe(one.page), []);
    await field(one.page, "Currency of limits in money").fill("usd");
    await field(one.page, "Orders leave only after an approval").check();
    await policy(one.page).getByRole("button", { name: "Save the policy" }).click();
    await policy(one.page).getByText("Saved. Order notional, hard: none → 100000.50; Two-way turnover, soft: 36% → 40").waitFor();
    const saved = await (await fetch(`${server}/api/controls/policy`)).json();
    assert.deepEqual([saved.turnover.soft, saved.order_notional, saved.currency, saved.approval.required], [0.4, { hard: 100000.5, unknown: "hard" }, "USD", true]);

    await field(other.page, "Leverage, hard").fill("1.1");
    await policy(other.page).getByRole("button", { name: "Save the policy" }).click();
    await policy(other.page).getByText("Somebody saved another version meanwhile. Nothing of yours was saved.").waitFor();
    await policy(other.page).getByText(/They changed: .*Two-way turnover, soft: 36% → 40%.*Approval required: no → yes/).waitFor();
    assert.equal(await field(other.page, "Leverage, hard").inputValue(), "1.1", "what was typed stays");
    assert.deepEqual(await axe(other.page), []);
    await policy(other.page).getByRole("button", { name: "Load their version" }).click();
    assert.deepEqual([await field(other.page, "Leverage, hard").inputValue(), await field(other.page, "Two-way turnover, soft").inputValue()], ["", "40"]);
    await field(other.page, "Leverage, hard").fill("1.1");
    await policy(other.page).getByRole("button", { name: "Save the policy" }).click();
    await policy(other.page).getByText("Saved. Leverage, hard: none → 1.1.").waitFor();
    assert.equal((await (await fetch(`${server}/api/controls/policy`)).json()).leverage.hard, 1.1);
    assert.deepEqual((await complaintsOf(one)).filter((text) => !refusals(text)), []);
    await Promise.all([one.close(), other.close()]);
  });

  it("takes overrides and restricted assets, at 360 px and with faults at their fields", async () => {
    const opened = await openTab("Controls", { viewport: { width: 360, height: 780 } });
    const { page } = opened;
    const policy = panelOf(page, "Control policy");
    await policy.getByLabel("May not be bought: one asset a line").fill("XYZ\nABC");
    await policy.getByRole("button", { name: "Add override" }).click();
    assert.ok(await policy.getByLabel("Control, override 1").evaluate((select) => select === document.activeElement));
    await policy.getByLabel("Control, override 1").selectOption("turnover");
    for (const [label, text] of [["Granted by", "Kim Lee"], ["Why", "transition"], ["From, UTC", "2026-01-01T00:00:00Z"], ["Until, UTC", "2026-03-01T00:00:00Z"]]) await policy.getByLabel(`${label}, override 1`).fill(text);
    await policy.getByRole("button", { name: "Save the policy" }).click();
    await policy.locator(".fault-summary", { hasText: "Until, UTC, override 1" }).waitFor();
    assert.equal(await policy.getByLabel("Until, UTC, override 1").getAttribute("aria-invalid"), "true");
    assert.equal(await overflow(page), 0);
    assert.deepEqual(await axe(page), []);
    await policy.getByLabel("Until, UTC, override 1").fill("2026-01-02T00:00:00Z");
    await policy.getByRole("button", { name: "Save the policy" }).click();
    await policy.getByText(/^Saved\. May not be bought: none → XYZ, ABC/).waitFor();
    const { overrides, restricted_list } = await (await fetch(`${server}/api/controls/policy`)).json();
    assert.deepEqual([overrides.length, overrides[0].control, overrides[0].who], [1, "turnover", "Kim Lee"]);
    assert.deepEqual(restricted_list.no_purchases, ["ABC", "XYZ"]);
    await opened.close();
  });
});

describe("the policy of one portfolio", () => {
  it("is that of the service until somebody saves theirs, and then binds its plans alone", async () => {
    const reference = `fund-${Date.now()}`;
    const opened = await openTab("Controls", { viewport: { width: 360, height: 780 } });
    const { page } = opened;
    const policy = panelOf(page, "Control policy");
    await policy.getByText(/^The policy of the service: /).waitFor();
    const show = async (name) => {
      await policy.getByLabel("Policy of plans with your reference; empty for the service").fill(name);
      await policy.getByRole("button", { name: "Show this policy" }).click();
    };
    await show(reference);
    await policy.getByText(new RegExp(`^Plans with the reference ${reference} have no policy of their own: this is that of the service`)).waitFor();
    await policy.getByLabel("Leverage, hard", { exact: true }).fill("1.25");
    await show("");
    await policy.getByText("Save or undo your changes before another policy is shown.").waitFor();
    await policy.getByLabel("Policy of plans with your reference; empty for the service").fill(reference);
    await policy.getByRole("button", { name: "Save the policy" }).click();
    await policy.getByText("Saved. Leverage, hard: none → 1.25.").waitFor();
    await policy.getByText(`The own policy of plans with the reference ${reference}: version 1.`).waitFor();
    assert.equal(await overflow(page), 0);
    assert.deepEqual(await axe(page), []);
    const read = async (query) => (await fetch(`${server}/api/controls/policy${query}`)).json();
    assert.equal((await read(`?client_reference=${reference}`)).leverage.hard, 1.25);
    assert.equal((await read("")).leverage, undefined, "that of the service stays");
    // It is taken back with a reason, and that of the service holds again.
    await policy.getByRole("button", { name: "Withdraw this policy" }).click();
    await policy.getByRole("button", { name: "Withdraw", exact: true }).click();
    await policy.getByText("Give a reason first.").waitFor();
    await policy.getByLabel("Reason", { exact: true }).fill("the mandate ended");
    assert.deepEqual(await axe(page), []);
    await policy.getByRole("button", { name: "Withdraw", exact: true }).click();
    await policy.getByText("Withdrawn.").waitFor();
    await policy.getByText(new RegExp(`^Plans with the reference ${reference} have no policy of their own`)).waitFor();
    assert.equal(await policy.getByRole("button", { name: "Withdraw this policy" }).isVisible(), false);
    assert.equal((await read(`?client_reference=${reference}`)).leverage, undefined);
    assert.equal((await read(`?client_reference=${reference}&version=1`)).leverage.hard, 1.25, "the version stays readable");
    await show("");
    await policy.getByText(/^The policy of the service: /).waitFor();
    assert.equal(await policy.getByLabel("Leverage, hard", { exact: true }).inputValue(), "");
    await opened.close();
  });
});

describe("a halt", () => {
  it("is a banner over every view, stops planning in words, and is lifted with a reason", async () => {
    const opened = await openTab("Controls");
    const { page } = opened;
    const halts = panelOf(page, "Halts");
    await halts.getByText("Nothing is halted.").waitFor();
    await halts.getByRole("button", { name: "Halt", exact: true }).click();
    await halts.getByText("Give a reason first").waitFor();
    await halts.getByLabel(/^Reason/).fill("prices of the morning are wrong");
    await halts.getByRole("button", { name: "Halt", exact: true }).click();
    const banner = page.locator(".halt-banner");
    await banner.waitFor();
    assert.match(await banner.innerText(), /Halted\s+everything, by api since .* UTC: prices of the morning are wrong\./);
    assert.deepEqual(await axe(page), []);
    // Planning is refused in words, and the page does not ask again by itself.
    const asked = [];
    page.on("request", (request) => request.url().endsWith("/api/rebalance") && asked.push(request.url()));
    await page.getByRole("tab", { name: "Decision" }).click();
    await lookAtExample(page);
    const outage = page.locator(".banner");
    await outage.getByText(/api halted `all`/).waitFor();
    assert.doesNotMatch(await outage.innerText(), /keeps trying/);
    assert.ok(await banner.isVisible());
    assert.deepEqual(await axe(page), []);
    assert.equal(asked.length, 1);
    await banner.getByRole("button", { name: "Halts…" }).click();
    await halts.getByLabel(/^Reason/).fill("the prices are right again");
    await halts.getByRole("button", { name: "Resume everything" }).click();
    await halts.getByText("Resumed: everything.").waitFor();
    assert.ok(await banner.isHidden());
    await outage.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("tab", { name: "Decision" }).click();
    await settled(page);
    assert.deepEqual((await complaintsOf(opened)).filter((text) => !refusals(text)), []);
    await opened.close();
  });

  it("of a scope says what it stops, and one that somebody else ordered is seen by a page that opens", async () => {
    const reference = `desk-${Date.now()}`;
    const opened = await openTab("Controls", { viewport: { width: 360, height: 780 } });
    const { page } = opened;
    const halts = panelOf(page, "Halts");
    await halts.getByLabel("What is halted").selectOption("Plans of a reference");
    await halts.getByLabel("Its name").fill(reference);
    await halts.getByLabel(/^Reason/).fill("looked at by compliance");
    await halts.getByRole("button", { name: "Halt", exact: true }).click();
    await halts.getByText(`Halted: plans of the reference ${reference}.`).waitFor();
    assert.equal(await overflow(page), 0);
    assert.deepEqual(await axe(page), []);
    const other = await openPage(browser);
    await other.page.goto(`${server}/`);
    await other.page.locator(".halt-banner", { hasText: reference }).waitFor();
    await other.close();
    await post("/api/controls/resume", { scope: `reference:${reference}`, reason: "done" });
    await page.getByRole("tab", { name: "Audit" }).click();
    await page.getByRole("tab", { name: "Controls" }).click();
    await halts.getByText("Nothing is halted.").waitFor();
    await opened.close();
  });
});

describe("a plan whose orders left", () => {
  /** A plan of the first example whose orders left, with its orders. */
  async function left(title, reference) {
    const [scenario] = await scenarios();
    const { body } = await post("/api/rebalance", { ...scenario, title, client_reference: reference });
    const answer = await fetch(`${server}/api/plans/${body.metadata.plan_id}/orders`);
    assert.equal(answer.status, 200);
    return { plan: body, orders: (await answer.json()).orders };
  }
  const numbers = async (row) => (await row.locator("td").allInnerTexts()).map((text) => text.split("\n")[0]);

  it("takes fills in a table, and shows what was filled, its waterfall and the difference to what was proposed", async () => {
    const name = `Executed ${Date.now()}`;
    const { plan, orders } = await left(name, name);
    const [first, ...others] = orders;
    const opened = await openTab("Execution");
    const { page } = opened;
    const panel = panelOf(page, "Execution of stored plans");
    await panel.getByRole("button", { name }).click();
    const detail = panel.getByRole("region", { name, exact: true });
    await detail.getByText(/The shortfall is not known\.$/).waitFor();
    await detail.getByLabel(/^What the broker reports/).fill("fill_id,client_order_id\nX,Y\n");
    await detail.getByRole("button", { name: "Record fills" }).click();
    await detail.getByText(/^Nothing was recorded\./).waitFor();
    // Every order is filled at the plan's price but for the first, a tenth of which costs a fee of 3 and nothing else.
    const part = Number(first.quantity) / 2;
    const line = (order, i, quantity, fees) => `X-${i},${order.client_order_id},2026-11-20T14:31:07Z,${quantity},${order.reference_price},${fees}`;
    const table = ["fill_id,client_order_id,executed_at,quantity,price,fees", line(first, 0, part, 3), ...others.map((order, i) => line(order, i + 1, order.quantity, 0))].join("\n");
    await detail.getByLabel(/^What the broker reports/).fill(`${table}\n`);
    await detail.getByRole("button", { name: "Record fills" }).click();
    await detail.getByText(new RegExp(`^${orders.length} events recorded, 0 known already\\.`)).waitFor();
    const executed = detail.getByRole("table", { name: /^Proposed and executed/ });
    const rows = executed.locator("tbody tr");
    assert.equal(await rows.count(), orders.length);
    const cells = await numbers(rows.first());
    assert.equal(cells.at(-1), orders.length > 0 && part > 0 ? "partial" : "");
    const plain = (text) => Number(text.replaceAll(",", ""));
    assert.ok(Math.abs(plain(cells[2]) - part) < 1e-3 && Math.abs(plain(cells[3]) - part) < 1e-3, cells.join(" | "));
    // The end prices are what the market closed at: the plan's own prices, so fees are the whole shortfall.
    const benchmarks = orders.map((order) => ({ client_order_id: order.client_order_id, arrival_price: Number(order.reference_price), end_price: Number(order.reference_price) }));
    await detail.getByLabel(/^What the broker reports/).fill(JSON.stringify({ benchmarks }));
    await detail.getByRole("button", { name: "Record fills" }).click();
    await detail.getByText(/^Shortfall 3\.00 USD, .* Its parts leave a residual of 0\.00 USD\.$/).waitFor();
    const figure = detail.locator("figure", { has: page.getByRole("heading", { name: "Implementation shortfall" }) });
    await figure.locator("svg path").nth(4).waitFor({ state: "attached" });
    const drawn = await figure.locator("svg text").allTextContents();
    for (const text of ["Delay", "Fees", "Shortfall", "3.00"]) assert.ok(drawn.includes(text), `${text} in ${drawn}`);
    assert.deepEqual(await axe(page), []);
    const [saved] = await Promise.all([page.waitForEvent("download"), detail.getByRole("button", { name: "Download CSV" }).click()]);
    assert.match(readFileSync(await saved.path(), "utf8"), /^client_order_id,asset,side,state,/);
    // The broker cancels the rest of the first order: nothing is open, and the shortfall stays what it is.
    await detail.getByLabel(/^What the broker reports/).fill(`fill_id,kind,client_order_id,executed_at\nQ-1,cancel,${first.client_order_id},2026-11-20T15:00:00Z\n`);
    await detail.getByRole("button", { name: "Record fills" }).click();
    await executed.getByText(/^cancelled, rest [\d,.]+$/).waitFor();
    const ended = await numbers(rows.first());
    assert.ok(Math.abs(plain(ended.at(-1).replace("cancelled, rest ", "")) - part) < 1e-3 && plain(ended[3]) === 0, ended.join(" | "));
    await detail.getByText(/^Shortfall 3\.00 USD, /).waitFor();

    // The same over time, under the plan's reference.
    const history = panelOf(page, "Execution over time");
    await history.getByLabel("Your reference", { exact: true }).fill(name);
    await history.getByRole("button", { name: "Show", exact: true }).click();
    await history.getByText(/^1 plan in USD: Shortfall 3\.00 USD/).waitFor();
    assert.equal((await numbers(history.getByRole("table", { name: /^By month/ }).locator("tbody tr").first())).at(-1), "3.00");
    assert.equal(await history.getByRole("table", { name: /^By plan/ }).locator("tbody tr").count(), 1);
    assert.deepEqual(await axe(page), []);

    // The queue tells it beside what was proposed.
    await page.getByRole("tab", { name: "Controls" }).click();
    const queue = panelOf(page, "Plans and decisions");
    await queue.getByLabel("Show", { exact: true }).selectOption("executing");
    await queue.getByRole("button", { name }).click();
    const decided = queue.getByRole("region", { name, exact: true });
    await decided.getByRole("table", { name: /^Proposed and executed/ }).waitFor();
    assert.equal(await decided.getByRole("table", { name: "Proposed orders" }).locator("tbody tr").count(), plan.orders.length);
    assert.deepEqual(await axe(page), []);
    assert.deepEqual((await complaintsOf(opened)).filter((text) => !refusals(text)), []);
    await opened.close();
  });

  it("is looked at at 360 px, also where nothing left at all", async () => {
    const opened = await openTab("Execution", { viewport: { width: 360, height: 780 } });
    const { page } = opened;
    const history = panelOf(page, "Execution over time");
    await history.getByLabel("Since", { exact: true }).fill("2001-01-01");
    await history.getByLabel("Until", { exact: true }).fill("2001-12-31");
    await history.getByRole("button", { name: "Show", exact: true }).click();
    await history.getByText("No orders left in this time.").waitFor();
    assert.equal(await overflow(page), 0);
    assert.deepEqual(await axe(page), []);
    await opened.close();
  });
});

describe("post-trade analysis", () => {
  const TABLE = "order,side,quantity,decision_price,arrival_price,end_price,fees,fill_quantity,fill_price\nA,buy,1000,40,40.04,40.08,17,700,40.05\nB,sell,500,20,19.98,,5.25,300,19.97\nB,,,,,,,200,19.95\n";

  it("splits a pasted table into delay, trading, opportunity and fees without a residual", async () => {
    const opened = await openTab("Execution");
    const { page } = opened;
    const panel = panelOf(page, "Post-trade analysis");
    await panel.getByText("Paste a table of fills, or read a file").click();
    await panel.getByLabel("Table of fills").fill("side,quantity\nbuy,1\n");
    await panel.getByRole("button", { name: "Take these orders" }).click();
    await panel.getByText("No column is headed decision price, or arrival price.").waitFor();
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), panel.getByRole("button", { name: "Read a file…" }).click()]);
    await chooser.setFiles({ name: "fills.csv", mimeType: "text/csv", buffer: Buffer.from(TABLE) });
    await panel.getByText("3 lines read as 2 orders.").waitFor();
    assert.equal(await panel.getByLabel("Fills, order 2").inputValue(), "300 @ 19.97; 200 @ 19.95");
    await panel.getByRole("button", { name: "Analyse" }).click();
    const costs = panel.getByRole("table", { name: /^Costs in USD/ });
    await costs.waitFor();
    const cells = async (name) => (await costs.getByRole("row", { name }).locator("td").allInnerTexts()).map((text) => text.split("\n")[0]);
    // The published worked example: 28 + 7 + 24 + 17 = 76 on 40,000.
    assert.deepEqual(await cells(/^A\s/), ["40,000.00", "28.00", "7.00", "24.00", "17.00", "76.00"]);
    assert.deepEqual(await cells(/^B\s/), ["10,000.00", "10.00", "9.00", "0.00", "5.25", "24.25"]);
    assert.deepEqual(await cells(/^All orders/), ["50,000.00", "38.00", "16.00", "24.00", "22.25", "100.25"]);
    await panel.getByText(/Shortfall 100\.25 USD, 20\.05 bps of 50,000\.00 USD\. Its parts leave a residual of 0\.00 USD\./).waitFor();
    await panel.locator("figure svg path").nth(4).waitFor({ state: "attached" });
    const figure = panel.locator("figure", { has: page.getByRole("heading", { name: "Implementation shortfall" }) });
    const drawn = await figure.locator("svg text").allTextContents();
    for (const text of ["Delay", "Trading", "Opportunity", "Fees", "Shortfall", "38.00", "100.25"]) assert.ok(drawn.includes(text), `${text} in ${drawn}`);
    await panel.getByLabel("Orders", { exact: true }).selectOption("A");
    await panel.getByText(/Shortfall 76\.00 USD, 19\.00 bps/).waitFor();
    assert.deepEqual(await axe(page), []);
    const [saved] = await Promise.all([page.waitForEvent("download"), panel.getByRole("button", { name: "Download CSV" }).click()]);
    assert.equal(saved.suggestedFilename(), "execution.csv");
    assert.match(readFileSync(await saved.path(), "utf8"), /\r\nA,USD,40000,76,19,28,7,7,1\.75,24,6,17,4\.25,/);
    assert.deepEqual(await complaintsOf(opened), []);
    await opened.close();
  });

  it("is typed by hand at 360 px, with faults at their fields, and says what is not known", async () => {
    const opened = await openTab("Execution", { viewport: { width: 360, height: 780 } });
    const { page } = opened;
    const panel = panelOf(page, "Post-trade analysis");
    for (const [label, text] of [["Quantity", "1,000"], ["Decision price", "40"], ["Arrival price", "40.04"], ["Fills", "700 @ 40.05; 400 @ 40.06"]]) await panel.getByLabel(`${label}, order 1`).fill(text);
    await panel.getByRole("button", { name: "Analyse" }).click();
    // "1,000" has two readings and is asked about; once answered, too many fills are refused at their field.
    await panel.locator(".choice:visible").getByRole("button", { name: "1,000", exact: true }).click();
    await panel.getByRole("button", { name: "Analyse" }).click();
    await panel.locator(".fault-summary", { hasText: "Fills, order 1" }).waitFor();
    assert.equal(await panel.getByLabel("Fills, order 1").getAttribute("aria-invalid"), "true");
    assert.equal(await overflow(page), 0);
    assert.deepEqual(await axe(page), []);
    await panel.getByLabel("Fills, order 1").fill("700 @ 40.05");
    await panel.getByRole("button", { name: "Analyse" }).click();
    await panel.getByText(/The shortfall is not known/).waitFor();
    await panel.getByText(/^No shortfall: .+\.$/).waitFor();
    await panel.getByLabel("End price, order 1").fill("40.08");
    await panel.getByRole("button", { name: "Analyse" }).click();
    await panel.getByText(/Shortfall 59\.00 USD/).waitFor();
    assert.equal(await overflow(page), 0);
    assert.deepEqual(await axe(page), []);
    await opened.close();
  });
});
