// Packs the files of dist/ that get smaller by it, next to themselves: the service sends them to browsers that take gzip.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const root = new URL("../dist/", import.meta.url);
for (const entry of readdirSync(root, { recursive: true })) {
  const file = new URL(entry.replaceAll("\\", "/"), root);
  if (!statSync(file).isFile()) continue;
  if (entry.endsWith(".gz")) rmSync(file);
  else {
    const bytes = readFileSync(file);
    const packed = gzipSync(bytes, { level: 9 });
    if (packed.length < bytes.length) writeFileSync(new URL(`${file.href}.gz`), packed);
  }
}
