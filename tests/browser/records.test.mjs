// The optimal method, stored plans, the audit trail and the agents' record, as a person meets them.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as rawRequest } from "node:http";
import { after, before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { axe, commit, complaintsOf, launch, lookAtExample, openDecision, openPage, openRecord, plan, post, scenarios, server, settled, shot, upload } from "./harness.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const panelOf = (page, name) => page.locator(".panel", { has: page.getByRole("heading", { name, exact: true }) });
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** The first scenario under the optimal method. */
async function optimal(change = {}) {
  const [scenario] = await scenarios();
  return { ...scenario, name: "Optimal", method: "optimal", turnover_limit: 0.3, optimization: { upper: 0.36, groups: [{ name: "Shares", members: [0, 1], lower: 0, upper: 0.25 }], ...change } };
}

async function planned(page, request) {
  await upload(page, request);
  await plan(page);
  await page.waitForFunction((name) => document.querySelector(".report-head h1")?.textContent?.endsWith(name), request.name);
  await settled(page);
}

describe("the optimal method", () => {
  it("shows the proof, and the price of every binding limit", async () => {
    const opened = await openDecision(browser);
    const { page } = opened;
    const panel = panelOf(page, "Limits and their prices");
    assert.equal(await panel.isVisible(), false, "the drift method has no prices");
    const request = await optimal();
    const { optimization, weights } = (await post("/api/rebalance", request)).body;
    assert.ok(optimization.constraint_prices.length >= 2);
    await planned(page, request);
    assert.match(await panel.innerText(), /Proven optimal/);
    const rows = await panel.locator("tbody tr").all();
    const prices = [...optimization.constraint_prices].sort((a, b) => b.bp_per_point - a.bp_per_point);
    assert.equal(rows.length, prices.length);
    for (const [i, row] of rows.entries()) {
      const cells = (await row.locator("td").allInnerTexts()).map((text) => Number(text.replace(/[^\d.−]/g, "").replace("−", "-")));
      assert.ok(Math.abs(cells[1] - prices[i].bp_per_point) < 0.0051, `${cells}`);
      assert.ok(Math.abs(cells[2] - prices[i].currency_per_point) < 0.0051, `${cells}`);
      const name = await row.locator("th").innerText();
      const sentence = await panel.locator(".sentences li").nth(i).innerText();
      assert.match(sentence, /is worth [\d.]+ bp of the book a year \([\d.,]+ USD\)/);
      if ("asset" in prices[i].limit) for (const text of [name, sentence]) assert.ok(text.includes(weights[prices[i].limit.asset].asset), text);
    }
    await panel.getByText("The certificate").click();
    assert.match(await panel.innerText(), /Lower bound/);
    // The slider of this method is shown; the slider of the other is not.
    assert.ok(await page.getByLabel("Risk aversion").and(page.locator('input[type="range"]')).isVisible());
    assert.equal(await page.getByLabel("Drift threshold").and(page.locator('input[type="range"]')).isVisible(), false);
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(await complaintsOf(opened), []);
    await page.setViewportSize({ width: 1440, height: 1400 });
    await settled(page);
    await shot(panel, "prices");
    await opened.close();
  });

  it("says which limits contradict each other, and repairs them with one click", async () => {
    const opened = await openDecision(browser);
    const { page } = opened;
    await planned(page, await optimal({ upper: 0.1 }));
    const panel = panelOf(page, "Limits and their prices");
    assert.match(await panel.innerText(), /contradict each other/);
    assert.match(await page.locator(".verdict").innerText(), /No portfolio satisfies the limits: nothing is traded/);
    assert.doesNotMatch(await panel.innerText(), /\basset \d/);
    await commit(page);
    await openRecord(page);
    await panelOf(page, "Agents").getByText(/No portfolio satisfies/).first().waitFor();
    assert.doesNotMatch(await panelOf(page, "Agents").innerText(), /\basset \d/);
    assert.equal(await page.locator("table.trades .action.buy, table.trades .action.sell").count(), 0);
    assert.deepEqual(await axe(page), []);
    await shot(page, "infeasible");
    await panel.getByRole("button", { name: "Apply the smallest repair" }).click();
    await panel.getByText("Proven optimal").waitFor();
    await settled(page);
    assert.ok((await page.locator("table.trades .action.sell").count()) > 0);
    await page.getByRole("tab", { name: "Portfolio" }).click();
    await page.getByRole("button", { name: "Undo" }).click();
    assert.equal(await page.locator('.parameters input[data-pointer="/optimization/upper"]').inputValue(), "10");
    assert.deepEqual(await complaintsOf(opened), []);
    await opened.close();
  });

  it("plans over several periods from the editor, and draws the path", async () => {
    const opened = await openDecision(browser);
    const { page } = opened;
    const panel = panelOf(page, "The path it intends");
    assert.equal(await panel.isVisible(), false, "the drift method has no path");
    await page.getByRole("tab", { name: "Portfolio" }).click();
    assert.equal(await page.getByLabel("Known cash flows").isVisible(), false);
    await page.getByLabel("Method").selectOption("multi_period");
    await page.getByLabel("Periods", { exact: true }).fill("3");
    const flows = page.getByLabel("Known cash flows");
    await flows.fill("20000, x");
    const [refused] = await Promise.all([page.waitForRequest("**/api/rebalance"), plan(page)]);
    assert.deepEqual(refused.postDataJSON().optimization.path, { periods: 3, cash_flows: [20000, "x"] });
    await page.locator(".fault-summary:visible").waitFor();
    await flows.fill("20000");
    assert.deepEqual(await axe(page), []);
    const [answered] = await Promise.all([
      page.waitForResponse((reply) => reply.url().endsWith("/api/rebalance") && reply.status() === 200),
      plan(page),
    ]);
    const { path } = (await answered.json()).optimization;
    assert.equal(path.steps.length, 3);
    await panel.getByText("Proven optimal").waitFor();
    await settled(page);
    assert.match(await panel.innerText(), /Proven optimal\s+3 steps with a turnover of/);
    await panel.getByRole("button", { name: /Show data/ }).click();
    assert.equal(await panel.locator("tbody tr").count(), 4, "now and three steps");
    assert.deepEqual(await axe(page), []);
    assert.deepEqual((await complaintsOf(opened)).filter((line) => !line.includes("status of 400")), []);
    await shot(page, "path");
    await opened.close();
  });

  it("takes its limits from the editor, and faults come back to them", async () => {
    const opened = await openDecision(browser);
    const { page } = opened;
    await page.getByRole("tab", { name: "Portfolio" }).click();
    assert.equal(await page.getByLabel("Goal").isVisible(), false);
    await page.getByLabel("Method").selectOption("optimal");
    await page.getByLabel("Risk aversion").and(page.locator('input[type="text"]')).fill("8");
    const largest = page.getByLabel("Maximum, %, row 1", { exact: true });
    await largest.fill("30");
    await page.getByLabel("May trade, row 2").selectOption("No trade");
    await page.getByRole("button", { name: "Add group" }).click();
    await page.getByLabel("Name", { exact: true }).fill("<i>Shares</i>");
    await page.getByRole("button", { name: /0 members/ }).click();
    for (const label of ["SP500_INDEX", "NASDAQ"]) await page.locator("dialog[open]").getByLabel(label, { exact: true }).check();
    assert.deepEqual(await axe(page), []);
    await page.getByRole("button", { name: "Save members" }).click();
    const cap = page.locator(".group").getByLabel("Maximum, %");
    await cap.fill("300000000");
    await largest.fill("130");
    const [asked] = await Promise.all([page.waitForRequest("**/api/rebalance"), plan(page)]);
    const { method, optimization, risk_aversion: riskAversion } = asked.postDataJSON();
    assert.equal(method, "optimal");
    assert.equal(riskAversion, 8);
    assert.deepEqual(optimization.upper, [1.3, 1, 1, 1, 1, 1]);
    assert.deepEqual(optimization.restrictions, [{ asset: 1, kind: "locked" }]);
    assert.deepEqual(optimization.groups, [{ name: "<i>Shares</i>", members: [0, 1], lower: 0, upper: 3000000 }]);
    await page.locator(".fault-summary:visible").waitFor();
    assert.equal(await cap.getAttribute("aria-invalid"), "true");
    await cap.fill("60");
    await plan(page);
    await page.waitForFunction(() => document.querySelector('input[aria-label="Maximum, %, row 1"]')?.getAttribute("aria-invalid") === "true");
    assert.match(await page.locator(`#${await largest.getAttribute("aria-describedby")}`).innerText(), /100%|at most/);
    await largest.fill("30");
    await shot(page, "portfolio-optimal");
    await plan(page);
    await panelOf(page, "Limits and their prices").getByText("Proven optimal").waitFor();
    await settled(page);
    assert.equal(await page.locator("#app i").count(), 0);
    // A refusal is an answer of the service that browsers print.
    assert.deepEqual((await complaintsOf(opened)).filter((line) => !line.includes("status of 400")), []);
    await opened.close();
  });
});

describe("stored plans", () => {
  it("have a link that shows them as they were answered", async () => {
    const [, scenario] = await scenarios();
    const { status, body: answered } = await post("/api/rebalance", scenario);
    assert.equal(status, 200);
    const id = answered.metadata.plan_id;
    const opened = await openPage(browser, { permissions: ["clipboard-read", "clipboard-write"] });
    const { page } = opened;
    const made = [];
    page.on("request", (request) => request.url().endsWith("/api/rebalance") && made.push(request.url()));
    await page.goto(`${server}/?plan=${id}`);
    await settled(page);
    assert.deepEqual(made, [], "a stored plan is read, not made");
    assert.match(await page.locator(".view-bar").innerText(), new RegExp(`Stored plan ${id.slice(0, 8)}`));
    for (const [i, row] of (await page.locator("table.trades tbody tr").all()).entries()) assert.equal(await row.locator("th").innerText(), answered.trades[i].asset);
    assert.ok((await page.locator(".figures").first().innerText()).includes(answered.value_after.toLocaleString("en-US", { minimumFractionDigits: 2 })));
    await page.getByRole("button", { name: "Copy link" }).first().click();
    await page.getByRole("button", { name: "Link copied" }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${server}/?plan=${id}`);
    // A change makes a new plan, which the address does not name; a step back shows the stored plan again.
    await page.getByLabel("Turnover limit").and(page.locator('input[type="range"]')).focus();
    await page.keyboard.press("ArrowLeft");
    await page.waitForURL(`${server}/`);
    assert.equal(made.length, 1);
    assert.doesNotMatch(await page.locator(".view-bar").innerText(), /Stored plan/);
    await page.goBack();
    await page.waitForURL(`${server}/?plan=${id}`);
    await page.getByText(`Stored plan ${id.slice(0, 8)}`).waitFor();
    assert.deepEqual(await complaintsOf(opened), []);
    await opened.close();
  });

  it("give way to what was shown before, and nothing is planned for it", async () => {
    const [, scenario] = await scenarios();
    const { body } = await post("/api/rebalance", scenario);
    const id = body.metadata.plan_id;
    const opened = await openDecision(browser);
    const { page } = opened;
    const [first] = await scenarios();
    await page.getByRole("tab", { name: "Plans" }).click();
    await page.locator(`a[href="/?plan=${id}"]`).first().click();
    await page.getByText(`Stored plan ${id.slice(0, 8)}`).waitFor();
    const made = [];
    page.on("request", (request) => request.method() === "POST" && new URL(request.url()).pathname === "/api/rebalance" && made.push(request.url()));
    await page.goBack();
    await page.waitForURL(`${server}/`);
    await settled(page);
    assert.equal(await page.locator(".report-head h1").textContent(), `Rebalance report: ${first.name}`);
    assert.equal(await page.locator(".story").innerText(), first.description);
    assert.doesNotMatch(await page.locator(".view-bar").innerText(), /Stored plan/);
    await page.goForward();
    await page.getByText(`Stored plan ${id.slice(0, 8)}`).waitFor();
    assert.deepEqual(made, []);
    assert.deepEqual(await complaintsOf(opened), []);
    await opened.close();
  });

  it("can be checked and made again, and have a report", async () => {
    const opened = await openDecision(browser);
    const { page } = opened;
    const panel = panelOf(page, "Record");
    assert.match(await panel.innerText(), /A draft, stored nowhere/);
    await commit(page);
    await panel.getByRole("button", { name: "Check what is stored" }).click();
    await panel.getByText("Everything holds").waitFor();
    assert.ok((await panel.locator("tbody tr").count()) >= 5);
    await page.setViewportSize({ width: 1440, height: 1200 });
    await settled(page);
    await shot(panel, "record");
    await panel.getByRole("button", { name: "Recompute" }).click();
    await panel.getByText("the same bytes, apart from metadata").waitFor();
    assert.deepEqual(await axe(page), []);
    const { paths } = await (await fetch(`${server}/openapi.json`)).json();
    if ("/api/plans/{plan_id}/report" in paths) {
      const link = page.getByRole("link", { name: "Committee report" }).first();
      const report = await fetch(server + (await link.getAttribute("href")));
      assert.equal(report.status, 200);
      assert.match(report.headers.get("content-type") ?? "", /^text\/html/);
      const told = await report.text();
      for (const part of ["Benchmark: ", "Proposed by Smart Portfolio Rebalancer", "Approved by ____", "<th scope=\"col\">Quantity</th>"]) assert.ok(told.includes(part), part);
    } else {
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save committee report" }).first().click()]);
      assert.match(readFileSync(await download.path(), "utf8"), /^<!doctype html>/i);
    }
    assert.deepEqual(await complaintsOf(opened), []);
    await opened.close();
  });

  it("link the report and read the record that the service keeps under the plan's id", async () => {
    const opened = await openPage(browser);
    const { page } = opened;
    const [scenario] = await scenarios();
    const { body: run } = await post("/api/multi-agent/run", scenario);
    const asked = [];
    page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await page.route("**/openapi.json", (route) => route.fulfill({ json: { paths: { "/api/plans/{plan_id}/report": {} } } }));
    await page.route("**/api/multi-agent/runs/*", (route) => route.fulfill({ json: { ...run, verdict: { ...run.verdict, sentence: "As it was recorded." } } }));
    await page.goto(`${server}/`);
    await lookAtExample(page);
    await settled(page);
    await page.getByRole("button", { name: "Commit", exact: true }).click();
    await openRecord(page);
    await panelOf(page, "Agents").getByText("As it was recorded.").waitFor();
    const [link] = await page.getByRole("link", { name: "Committee report" }).all();
    const id = /^\/api\/plans\/([^/]+)\/report$/.exec(await link.getAttribute("href"))?.[1];
    assert.ok(asked.includes(`GET /api/multi-agent/runs/${id}`), `${asked}`);
    assert.ok(!asked.includes("POST /api/multi-agent/run"), "the record is read, not made again");
    assert.equal(await page.getByRole("button", { name: "Save committee report" }).count(), 0);
    assert.deepEqual(await complaintsOf(opened), []);
    await opened.close();
  });

  it("stand in a list, newest first, and beside the current plan", async () => {
    for (const limit of [0.1, 0.2, 0.3]) await post("/api/rebalance", { ...(await scenarios())[2], turnover_limit: limit });
    const opened = await openDecision(browser);
    const { page } = opened;
    await page.getByLabel("Title").and(page.locator(".commit input")).fill("Spring review of the committee");
    await commit(page);
    await page.getByRole("tab", { name: "Plans" }).click();
    const table = page.locator("table", { hasText: "Stored plans, newest first" });
    const rows = table.locator("tbody tr");
    await rows.nth(3).waitFor();
    assert.match(await rows.first().innerText(), /shown/);
    const { items } = await (await fetch(`${server}/api/plans?limit=1`)).json();
    assert.equal(items[0].title, "Spring review of the committee");
    const first = await rows.first().innerText();
    for (const text of [items[0].title, items[0].portfolio_value.toLocaleString("en-US", { minimumFractionDigits: 2 }), `\t${items[0].orders}\t`]) assert.ok(first.includes(text), first);
    assert.match(first, /Within limits|Review required|Rejected/);
    const head = await table.locator("thead th").allInnerTexts();
    const entries = (await rows.locator(`> :nth-child(${head.indexOf("Entry") + 1})`).allInnerTexts()).map((text) => Number(text.replace(",", "")));
    for (const [i, entry] of entries.entries()) assert.ok(i === 0 || entry < entries[i - 1], `${entries}`);
    assert.deepEqual(await axe(page), []);
    await shot(page, "plans");
    // The second row is the scenario with 30% of turnover.
    await rows.nth(1).getByRole("button", { name: /Compare/ }).click();
    const compare = panelOf(page, "Compare");
    await compare.locator("tr", { hasText: "Turnover limit" }).waitFor();
    assert.deepEqual(await compare.locator("tr", { hasText: "Turnover limit" }).locator("td").allInnerTexts(), ["30.00%", "40.00%", "+10.00 pp"]);
    await page.getByRole("tab", { name: "Plans" }).click();
    await rows.nth(2).getByRole("link").click();
    await page.waitForURL(/\?plan=/);
    await page.locator(".view-bar p:visible", { hasText: "Stored plan" }).waitFor();
    assert.match(await page.locator(".figures").first().innerText(), /limit 20\.00%/);
    await page.getByRole("tab", { name: "Plans" }).click();
    await page.getByLabel("Find").fill("spring REVIEW");
    await page.waitForFunction(() => [...document.querySelectorAll("#panel-2 tbody tr")].every((row) => row.textContent.includes("Spring review")));
    assert.match(await rows.first().innerText(), /Spring review of the committee/);
    await page.getByLabel("Find").fill("no plan is called so");
    await page.getByText("No stored plan has all of these words.").waitFor();
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(await complaintsOf(opened), []);
    await opened.close();
  });

  it("come in pages, and say so when there is none or no answer", async () => {
    const opened = await openDecision(browser);
    const { page } = opened;
    const summary = (sequence) => ({ plan_id: `00000000-0000-4000-8000-${String(sequence).padStart(12, "0")}`, sequence, created_at: "2026-01-02T03:04:05.678901Z", request_id: "r", engine_version: "<b>0</b>", models: [], seed: 1, digest: "a".repeat(64) });
    let mode = "empty";
    const asked = [];
    await page.route("**/api/plans?**", (route) => {
      asked.push(new URL(route.request().url()).searchParams.get("cursor"));
      if (mode === "empty") return route.fulfill({ json: { items: [], next_cursor: null, metadata: {} } });
      if (mode === "busy") return route.fulfill({ status: 503, contentType: "application/problem+json", json: { title: "Busy", status: 503, detail: "All places are taken.", errors: [], metadata: { request_id: "r1" } } });
      return route.fulfill({ json: asked.at(-1) ? { items: [summary(1)], next_cursor: null, metadata: {} } : { items: [summary(3), summary(2)], next_cursor: "c".repeat(32), metadata: {} } });
    });
    await page.getByRole("tab", { name: "Plans" }).click();
    await page.getByText("No plan is stored yet").waitFor();
    mode = "busy";
    await page.getByRole("tab", { name: "Audit" }).click();
    await page.getByRole("tab", { name: "Plans" }).click();
    await page.getByText("Busy. All places are taken.").waitFor();
    assert.deepEqual(await axe(page), []);
    mode = "pages";
    await page.getByRole("button", { name: "Try again" }).last().click();
    await page.getByRole("button", { name: "Earlier plans" }).click();
    await page.waitForFunction(() => document.querySelectorAll("#panel-2 tbody tr").length === 3);
    assert.equal(asked.at(-1), "c".repeat(32));
    assert.equal(await page.locator("#panel-2 b").count(), 0);
    assert.equal(await page.getByRole("button", { name: "Earlier plans" }).count(), 0);
    await opened.close();
  });

  it("say so when the plan of a link is not there", async () => {
    const opened = await openPage(browser);
    const { page } = opened;
    await page.goto(`${server}/?plan=${encodeURIComponent('<img src=x onerror="globalThis.hacked=1">')}`);
    await page.locator(".banner", { hasText: "The plan cannot be opened" }).waitFor();
    assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
    assert.deepEqual(await axe(page), []);
    const [scenario] = await scenarios();
    await page.getByRole("button", { name: scenario.name }).click();
    await settled(page);
    assert.equal(page.url(), `${server}/`);
    assert.ok(await page.locator(".banner").isHidden());
    await opened.close();
  });
});

describe("the audit trail", () => {
  it("shows that the chain holds, its signed end and its entries", async () => {
    const opened = await openDecision(browser);
    const { page } = opened;
    await page.getByRole("tab", { name: "Audit" }).click();
    await page.getByText("The chain holds").waitFor();
    const found = await (await fetch(`${server}/api/audit/verify`)).json();
    const text = await page.locator(".audit-view").innerText();
    assert.ok(text.includes(found.head) && text.includes(found.root));
    await page.locator("table.audit tbody tr").first().waitFor();
    assert.equal(await page.locator("table.audit tbody th").first().innerText(), "1");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save signed head" }).click()]);
    const head = JSON.parse(readFileSync(await download.path(), "utf8"));
    assert.equal(head.entries, found.entries);
    assert.match(head.signature, /^[0-9a-f]{128}$/);
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(await complaintsOf(opened), []);
    await shot(page, "audit");
    await page.locator("table.audit tbody a").first().click();
    await page.locator(".view-bar p:visible", { hasText: "Stored plan" }).waitFor();
    await opened.close();
  });

  it("shows where a broken chain broke", async () => {
    const opened = await openDecision(browser, { colorScheme: "dark" });
    const { page } = opened;
    const found = await (await fetch(`${server}/api/audit/verify`)).json();
    await page.route("**/api/audit/verify", (route) => route.fulfill({ json: { ...found, valid: false, entries: 4, first_break: { sequence: 5, reason: "plan_digest", plan_id: "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f" } } }));
    await page.getByRole("tab", { name: "Audit" }).click();
    await page.getByText("The chain is broken").waitFor();
    assert.match(await page.locator(".chain-status").innerText(), /Entry 5: the stored plan was changed \(plan 9f4a3f3e/);
    assert.deepEqual(await axe(page), []);
    await shot(page, "audit-broken-dark");
    await opened.close();
  });
});

describe("the agents' record", () => {
  it("tells each step with its checks, and commits to it by digests", async () => {
    const opened = await openDecision(browser);
    const { page } = opened;
    await commit(page);
    await openRecord(page);
    const panel = panelOf(page, "Agents");
    const [scenario] = await scenarios();
    const { body: run } = await post("/api/multi-agent/run", scenario);
    const steps = await panel.locator(".timeline li").all();
    assert.equal(steps.length, 6);
    for (const [i, step] of steps.entries()) {
      const text = await step.innerText();
      assert.ok(text.includes(run.stages[i].agent) && text.includes(run.stages[i].sentence), text);
      assert.match(text, /\d ms/);
    }
    assert.ok((await panel.innerText()).includes(run.verdict.sentence));
    assert.equal(await panel.locator("table").first().locator("tbody tr").count(), run.verdict.checks.length);
    await panel.getByText(/Digests and durations/).click();
    // The page's own record: the stored one with the digests that it shows, which start at the bytes that it sent.
    const shown = await panel.innerText();
    const { items } = await (await fetch(`${server}/api/plans?limit=20`)).json();
    const records = await Promise.all(items.map(async ({ plan_id }) => (await fetch(`${server}/api/multi-agent/runs/${plan_id}`)).json()));
    const own = records.find(({ metadata }) => shown.includes(metadata.result_digest));
    assert.ok(own, "the digests shown are those of a stored record");
    assert.ok(shown.includes(own.metadata.request_digest));
    const stored = await (await fetch(`${server}/api/plans/${own.metadata.plan_id}?include=all`)).text();
    const sent = stored.slice(stored.indexOf('"request":') + '"request":'.length, stored.indexOf(',"response":'));
    assert.equal(createHash("sha256").update(sent).digest("hex"), own.metadata.request_digest, "as sha256sum has it");
    assert.deepEqual(await axe(page), []);
    await panel.getByText(/Digests and durations/).click();
    await page.setViewportSize({ width: 1440, height: 1400 });
    await settled(page);
    await shot(panel, "agents");
    assert.deepEqual(await complaintsOf(opened), []);
    await opened.close();
  });
});

describe("every view", () => {
  it("fits 360 px and 4K, in dark as in light", async () => {
    const stored = (await post("/api/rebalance", await optimal())).body.metadata.plan_id;
    for (const [width, height, colorScheme] of [[360, 780, "light"], [360, 780, "dark"], [3840, 2160, "light"]]) {
      const opened = await openPage(browser, { viewport: { width, height }, colorScheme });
      const { page } = opened;
      await page.goto(`${server}/?plan=${stored}`);
      await settled(page);
      for (const view of ["Decision", "Portfolio", "Plans", "Audit"]) {
        await page.getByRole("tab", { name: view }).click();
        if (view === "Audit") await page.getByText("The chain holds").waitFor();
        if (view === "Plans") await page.locator("#panel-2 tbody tr").first().waitFor();
        assert.equal(await overflow(page), 0, `${view} at ${width}`);
        if (width === 360) assert.deepEqual(await axe(page), [], `${view} in ${colorScheme}`);
      }
      if (width === 360 && colorScheme === "dark") await shot(page, "audit-360-dark");
      await page.getByRole("tab", { name: "Decision" }).click();
      await settled(page);
      if (width === 360 && colorScheme === "dark") {
        await panelOf(page, "Limits and their prices").scrollIntoViewIfNeeded();
        await shot(page, "prices-360-dark");
      }
      if (width === 3840) await shot(page, "decision-4k", { clip: { x: 0, y: 0, width, height: 1000 } });
      assert.deepEqual(await complaintsOf(opened), []);
      await opened.close();
    }
  });

  it("is sent packed to browsers that take it", async () => {
    const html = await (await fetch(`${server}/`)).text();
    const asset = /src="(\/assets\/[^"]+\.js)"/.exec(html)[1];
    const get = (path, encoding) =>
      new Promise((done, failed) => {
        const asked = rawRequest(server + path, { headers: encoding === undefined ? {} : { "Accept-Encoding": encoding } }, (response) => {
          const parts = [];
          response.on("data", (part) => parts.push(part));
          response.on("end", () => done({ headers: response.headers, status: response.statusCode, body: Buffer.concat(parts) }));
        });
        asked.on("error", failed);
        asked.end();
      });
    for (const path of ["/", asset]) {
      const plain = await get(path);
      const packed = await get(path, "gzip, deflate, br");
      assert.equal(plain.headers["content-encoding"], undefined);
      assert.equal(packed.headers["content-encoding"], "gzip");
      for (const { headers } of [plain, packed]) assert.match(headers.vary, /accept-encoding/i);
      assert.equal(packed.headers["content-type"], plain.headers["content-type"]);
      assert.ok(packed.body.length < plain.body.length);
      assert.deepEqual(gunzipSync(packed.body), plain.body);
      assert.equal((await get(path, "gzip;q=0, identity")).headers["content-encoding"], undefined);
    }
    assert.equal((await get(`${asset}.gz`, "gzip")).status, 404);
  });
});
