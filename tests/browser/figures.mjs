// Prints the size of the page and its load times: the median of several visits with an empty cache.
//
// Fails when the median first plan of a reader's own book takes more than a second: a claim about a release build on a quiet machine, and so
// a command and no gate.
//
//   REBALANCER_BIN=target/release/rebalancer tests/with_server.sh npm --prefix tests/browser run figures
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { axe, launch, lookAtExample, openDecision, openPage, scenarios, server, settled } from "./harness.mjs";

const VISITS = 7;
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const line = (name, value) => console.log(`${name.padEnd(58)} ${value}`);
const milliseconds = (values) => `${String(Math.round(median(values))).padStart(6)} ms`;

const browser = await launch();

const visits = [];
for (let i = 0; i < VISITS; i += 1) {
  const { page, close } = await openPage(browser);
  await page.addInitScript(() => {
    globalThis.paints = {};
    new PerformanceObserver((list) => list.getEntries().forEach((e) => (globalThis.paints.largest = e.startTime))).observe({ type: "largest-contentful-paint", buffered: true });
    new PerformanceObserver((list) => list.getEntries().forEach((e) => (globalThis.paints.shift = (globalThis.paints.shift ?? 0) + e.value))).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => list.getEntries().forEach((e) => (globalThis.paints.blocked = (globalThis.paints.blocked ?? 0) + Math.max(0, e.duration - 50)))).observe({ type: "longtask", buffered: true });
  });
  await page.goto(`${server}/`);
  await lookAtExample(page);
  await settled(page);
  visits.push(
    await page.evaluate(() => ({
      ready: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
      first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
      drawn: performance.now(),
      bytes: performance.getEntriesByType("resource").reduce((sum, e) => sum + e.transferSize, performance.getEntriesByType("navigation")[0].transferSize),
      requests: performance.getEntriesByType("resource").length + 1,
      elements: document.querySelectorAll("*").length,
      ...globalThis.paints,
    })),
  );
  await close();
}
const each = (read) => visits.map(read);
line("document ready", milliseconds(each((v) => v.ready)));
line("first contentful paint", milliseconds(each((v) => v.first)));
line("largest contentful paint", milliseconds(each((v) => v.largest ?? Number.NaN)));
line("first plan on screen, every drawing complete", milliseconds(each((v) => v.drawn)));
line("main thread blocked (sum of long tasks beyond 50 ms)", milliseconds(each((v) => v.blocked ?? 0)));
line("cumulative layout shift", median(each((v) => v.shift ?? 0)).toFixed(4).padStart(6));
line("requests, the API's answers included", String(median(each((v) => v.requests))).padStart(6));
line("transferred, page gzipped, the API's answers included", `${(median(each((v) => v.bytes)) / 1024).toFixed(0).padStart(6)} KiB`);
line("elements in the document", String(median(each((v) => v.elements))).padStart(6));

// From the click on a scenario to the plan with all its drawings.
const { page, close } = await openDecision(browser);
const names = (await scenarios()).map((scenario) => scenario.name);
const clicks = [];
for (let round = 0; round < 3; round += 1) {
  for (const name of [...names.slice(1), names[0]]) {
    const begin = await page.evaluate(() => performance.now());
    await page.getByRole("button", { name }).click();
    await page.waitForFunction((text) => document.querySelector(".report-head h1")?.textContent?.endsWith(text), name);
    await settled(page);
    clicks.push((await page.evaluate(() => performance.now())) - begin);
  }
}
line("click on a scenario to the complete plan", milliseconds(clicks));
await close();

// The reader's own book from a broker's file: from the click on Plan to the complete first plan of a page that was just opened.
const SAMPLE = fileURLToPath(new URL("../../crates/import/testdata/import/brokers/schwab.csv", import.meta.url));
const FIRST_PLAN_MS = 1000;
const first = [];
for (let visit = 0; visit < 5; visit += 1) {
  const opened = await openPage(browser);
  await opened.page.goto(`${server}/`);
  await opened.page.locator('input[type="file"]').setInputFiles(SAMPLE);
  await opened.page.locator("dialog[open]").getByRole("button", { name: "Use this book" }).click();
  for (const [i, target] of ["30", "40", "30"].entries()) await opened.page.getByLabel(`Target, %, row ${i + 1}`, { exact: true }).fill(target);
  // The page times itself, so that the way of the click from here to the browser is left out.
  await opened.page.evaluate(() => document.addEventListener("click", (event) => (globalThis.clicked = event.timeStamp), { once: true, capture: true }));
  await opened.page.getByRole("button", { name: "Plan", exact: true }).click();
  await settled(opened.page);
  first.push(await opened.page.evaluate(() => performance.now() - globalThis.clicked));
  await opened.close();
}
line("click on Plan to the complete first plan, a broker's file", milliseconds(first));
line("the same, best of five", milliseconds([Math.min(...first)]));
if (median(first) > FIRST_PLAN_MS) {
  console.log(`The first complete plan takes more than ${FIRST_PLAN_MS} ms.`);
  process.exitCode = 1;
}

const packed = async (path) => {
  const bytes = Buffer.from(await (await fetch(server + path)).arrayBuffer());
  return { path, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
};
const html = await (await fetch(`${server}/`)).text();
const script = await (await fetch(server + /src="(\/assets\/[^"]+\.js)"/.exec(html)[1])).text();
const later = [...script.matchAll(/["'`](?:\.\/|\/assets\/|assets\/)([\w-]+\.js)["'`]/g)].map((m) => `/assets/${m[1]}`);
const files = await Promise.all([...new Set(["/", ...[...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((m) => m[1]), ...later])].map(packed));
for (const { path, raw, gzip } of files) line(path.replace(/-[\w-]{8}\./, "."), `${(raw / 1024).toFixed(1).padStart(6)} KiB, gzip ${(gzip / 1024).toFixed(1).padStart(6)} KiB`);
const sum = (of) => (files.reduce((total, file) => total + file[of], 0) / 1024).toFixed(1).padStart(6);
line("bundle in all", `${sum("raw")} KiB, gzip ${sum("gzip")} KiB`);

for (const colorScheme of ["light", "dark"]) {
  const opened = await openDecision(browser, { colorScheme });
  const found = [];
  for (const view of ["Decision", "Portfolio", "Plans", "Backtest", "Controls", "Execution", "Audit"]) {
    await opened.page.getByRole("tab", { name: view }).click();
    await opened.page.waitForLoadState("networkidle");
    found.push((await axe(opened.page)).length);
  }
  line(`axe violations, ${colorScheme} (every view in its order)`, `     ${found.join(", ")}`);
  await opened.close();
}
await browser.close();
