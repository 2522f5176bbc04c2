// Prints raw and gzip -9 sizes of dist/, and fails when the page outgrows its budget.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_GZIP_BYTES = 300 * 1024;
const root = new URL("../dist/", import.meta.url);
let total = 0;
for (const entry of readdirSync(root, { recursive: true })) {
  const file = new URL(entry.replaceAll("\\", "/"), root);
  if (!statSync(file).isFile() || entry.endsWith(".gz")) continue;
  const bytes = readFileSync(file);
  const packed = gzipSync(bytes, { level: 9 }).length;
  total += packed;
  console.log(`${entry.padEnd(36)} ${kib(bytes.length)} ${kib(packed)} gzip`);
}
console.log(`${"in all".padEnd(36)} ${" ".repeat(11)} ${kib(total)} gzip, budget ${kib(BUDGET_GZIP_BYTES).trim()}`);
if (total > BUDGET_GZIP_BYTES) {
  console.error("the page is over its budget");
  process.exit(1);
}

function kib(bytes) {
  return `${(bytes / 1024).toFixed(1).padStart(7)} KiB`;
}
