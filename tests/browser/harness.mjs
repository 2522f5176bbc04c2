// A browser under the page's own conditions: no network but the server, every console error and policy violation collected.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { withPalette } from "./pictures.mjs";

export const server = (process.env.REBALANCER_URL ?? "").replace(/\/$/, "");
if (!server) throw new Error("REBALANCER_URL names the running server");

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/**
 * A service beside the one of the suite, for a test that changes what all of its users would see; it keeps nothing.
 * `binary` and `env` start the command line on its records.
 */
export async function ownService(settings = {}) {
  const top = fileURLToPath(new URL("../..", import.meta.url));
  const binary = resolve(top, process.env.REBALANCER_BIN ?? `${process.env.CARGO_TARGET_DIR ?? "target"}/debug/rebalancer`);
  const folder = mkdtempSync(join(tmpdir(), "rebalancer-own-"));
  const env = { ...process.env, REBALANCER_DATA_DIR: folder, HOST: "127.0.0.1", PORT: "0", ...settings };
  const service = spawn(binary, [], { env, stdio: ["ignore", "pipe", "inherit"] });
  const stop = () => {
    service.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  for await (const line of createInterface({ input: service.stdout })) {
    const address = /http:\/\/[\d.]+:\d+/.exec(line)?.[0];
    if (address) return { address, binary, env, stop };
  }
  stop();
  throw new Error(`${binary} ended before it named its address`);
}

/** A page of its own, with `complaints` growing as the browser finds something wrong. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", acceptDownloads: true, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(server) && !url.startsWith("data:") && !url.startsWith("blob:")) complaints.push(`request to another host: ${url}`);
  });
  await page.addInitScript(() => {
    globalThis.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => globalThis.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
  });
  page.setDefaultTimeout(30_000);
  return { page, context, complaints, close: () => context.close() };
}

/** The page with the plan of the first example, complete to the last drawing. */
export async function openDecision(browser, options) {
  const opened = await openPage(browser, options);
  await opened.page.goto(`${server}/`);
  await lookAtExample(opened.page);
  await settled(opened.page);
  return opened;
}

/** What a first visit is offered beside the reader's own book. */
export async function lookAtExample(page) {
  await page.getByRole("button", { name: "Look at an example" }).click();
}

/** Waits until a plan, its brief and its simulation are shown. */
export async function settled(page) {
  await page.waitForSelector(".decision.good, .decision.attention");
  await page.waitForSelector('.decision-grid[aria-busy="false"]');
  await page.waitForFunction(() => {
    const surfaces = [...document.querySelectorAll(".decision-grid .chart-surface:not([hidden])")].filter((s) => s.checkVisibility());
    return surfaces.length > 0 && surfaces.every((s) => s.querySelectorAll("svg path").length > 1);
  });
}

/** Posts to the server as a client would, for figures to compare the page with. */
export async function post(path, body) {
  const response = await fetch(`${server}${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

export async function scenarios() {
  return (await (await fetch(`${server}/api/preview-scenarios`)).json()).scenarios;
}

/** Puts a request into the editor as an uploaded file and plans it. */
export async function upload(page, request) {
  await page.getByRole("tab", { name: "Portfolio" }).click();
  await page.locator('input[type="file"]').setInputFiles({ name: "portfolio.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(request)) });
  await page.getByText(/assets read\./).waitFor();
}

export async function plan(page) {
  await page.getByRole("button", { name: "Plan", exact: true }).click();
}

/** Unfolds how the plan was made: its agents, limits, digests and durations. */
export async function openRecord(page) {
  const fold = page.locator("details.how-made");
  if ((await fold.getAttribute("open")) === null) await fold.locator("> summary").click();
}

/** Stores the draft that is shown. */
export async function commit(page) {
  await page.getByRole("button", { name: "Commit", exact: true }).click();
  await page.getByRole("button", { name: "Copy link" }).first().waitFor();
  await settled(page);
}

/** What the browser complained about, policy violations included. */
export async function complaintsOf({ page, complaints }) {
  return [...complaints, ...(await page.evaluate(() => globalThis.violations.map((v) => `policy: ${v}`)))];
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds on the page as it is now, one line per rule and place. */
export async function axe(page) {
  // Evaluated through the debugger, so the page's policy is unchanged.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")} ${n.failureSummary}`));
}

const SHOTS = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const SHOT_LIMIT = 300 * 1024;
mkdirSync(SHOTS, { recursive: true });

/** Writes a picture to docs/screenshots, of a size that a repository can hold. */
export function keep(name, png) {
  const picture = withPalette(png);
  assert.ok(picture.length < SHOT_LIMIT, `${name}.png has ${picture.length} bytes`);
  writeFileSync(`${SHOTS}${name}.png`, picture);
}

/** Keeps a picture of a page or a part of it. */
export async function shot(target, name, options = {}) {
  await steady("page" in target ? target.page() : target);
  keep(name, await target.screenshot({ animations: "disabled", ...options }));
}

/** Puts fixed text where ids, hashes, times and durations stand, which would make every picture a new one. */
async function steady(page) {
  await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const hex = "9f4a3f3e6c1b4f578d0e2a5b7c9d1e3f".repeat(4);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.data
        .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")
        .replace(/\b(?!0{8})[0-9a-f]{8}…/g, "9f4a3f3e…")
        .replace(/\b[0-9a-f]{32,128}\b/g, (hash) => hex.slice(0, hash.length))
        .replace(/\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d/g, "2026-01-02 03:04:05")
        .replace(/\b\d+\.\d\d ms/g, "0.10 ms");
      if (text !== node.data) node.data = text;
    }
  });
}
