// A service that asks for keys: the page asks for one, keeps it in memory, and forgets it when it is loaded again.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch } from "./harness.mjs";

const top = fileURLToPath(new URL("../..", import.meta.url));
const binary = resolve(top, process.env.REBALANCER_BIN ?? `${process.env.CARGO_TARGET_DIR ?? "target"}/debug/rebalancer`);
const folder = mkdtempSync(join(tmpdir(), "rebalancer-keys-"));
const env = { ...process.env, REBALANCER_DATA_DIR: folder, HOST: "127.0.0.1", PORT: "0", REBALANCER_REQUIRE_KEYS: "1" };
let service, address, browser;

before(async () => {
  service = spawn(binary, [], { env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: service.stdout })) {
    address = /http:\/\/[\d.]+:\d+/.exec(line)?.[0];
    if (address) break;
  }
  browser = await launch();
});

after(async () => {
  await browser?.close();
  service?.kill();
  rmSync(folder, { recursive: true, force: true });
});

test("the page signs in with a key and stores it nowhere", async () => {
  const made = spawnSync(binary, ["keys", "create", "desk:kim", "--scopes", "read,plan"], { env, encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  const key = made.stdout.trim();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${address}/`);
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
