import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const WIDEST = 140;

/** The formatter leaves text and patterns as wide as they were written. */
test("no line of the page's code is wider than 140 characters", () => {
  const root = new URL("../", import.meta.url);
  const wide: string[] = [];
  for (const folder of ["src", "test", "scripts"]) {
    for (const entry of readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })) {
      if (!/\.(ts|mjs|css)$/.test(entry) || entry.endsWith("schema.ts")) continue;
      const lines = readFileSync(new URL(`${folder}/${entry}`, root), "utf8").split("\n");
      lines.forEach((line, i) => line.length > WIDEST && wide.push(`${folder}/${entry}:${i + 1} has ${line.length} characters`));
    }
  }
  assert.deepEqual(wide, []);
});
