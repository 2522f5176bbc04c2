import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const PERMISSIVE = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];
/** File-level copyleft, and combinations, of tools that build and test the page; nothing of them reaches it. */
const TOOLS_ONLY = ["MPL-2.0", "Python-2.0", "(MIT OR CC0-1.0)", "(MIT AND Zlib)"];

type Lock = { packages: Record<string, { license?: string; dev?: boolean }> };

function packages(lock: string): [string, { license?: string; dev?: boolean }][] {
  const { packages: all } = JSON.parse(readFileSync(new URL(lock, import.meta.url), "utf8")) as Lock;
  return Object.entries(all).filter(([name]) => name !== "");
}

test("what is bundled into the page has a permissive licence", () => {
  const bundled = packages("../package-lock.json").filter(([, entry]) => !entry.dev);
  assert.ok(bundled.some(([name]) => name === "node_modules/echarts"));
  for (const [name, { license }] of bundled) assert.ok(PERMISSIVE.includes(license ?? ""), `${name}: ${license}`);
});

test("tools may be under the Mozilla licence, not under a stronger one", () => {
  for (const lock of ["../package-lock.json", "../../../tests/browser/package-lock.json"]) {
    for (const [name, { license }] of packages(lock))
      assert.ok([...PERMISSIVE, ...TOOLS_ONLY].includes(license ?? ""), `${name}: ${license}`);
  }
});
