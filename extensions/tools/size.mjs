// Shopify refuses an extension of more than 64 KB, compressed.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const LIMIT_BYTES = 64 * 1024;
const root = join(import.meta.dirname, "..");
let tooLarge = false;

for (const extension of ["product-action", "products-action"]) {
  const folder = join(root, extension, "dist");
  const scripts = readdirSync(folder).filter((name) => name.endsWith(".js"));
  if (scripts.length === 0) throw new Error(`${folder} holds no script: the build made nothing`);
  const bytes = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
  tooLarge ||= bytes > LIMIT_BYTES;
  console.log(`${extension}: ${(bytes / 1024).toFixed(1)} of ${LIMIT_BYTES / 1024} KB compressed`);
}
process.exit(tooLarge ? 1 : 0);
