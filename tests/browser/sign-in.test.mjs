// A service that asks for keys: the page asks for one, keeps it in memory, and forgets it when it is loaded again.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { launch, ownService } from "./harness.mjs";

let service, browser;

before(async () => {
  service = await ownService({ REBALANCER_REQUIRE_KEYS: "1" });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  service?.stop();
});

test("the page signs in with a key and stores it nowhere", async () => {
  const made = spawnSync(service.binary, ["keys", "create", "desk:kim", "--scopes", "read,plan"], { env: service.env, encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  const key = made.stdout.trim();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${service.address}/`);
  const field = page.getByLabel("API key");
  await field.fill("rbk_000000000000_wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("does not know this key").waitFor();
  await field.fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await field.waitFor({ state: "detached" });
  await page.getByRole("tab", { name: "Audit" }).click();
  await page.getByRole("cell", { name: "key created" }).first().waitFor();
  const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Save the whole trail" }).click()]);
  assert.equal(saved.suggestedFilename(), "audit.jsonl");
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.ok(!kept.includes(key.slice(-43)), kept);
  await page.reload();
  await field.waitFor();
});
