import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const most = 150 * 1024;

/** A script, and those it imports before it runs. What is imported later is in import(). */
function withImports(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  const code = readFileSync(`${dist}assets/${name}`, "utf8");
  for (const [, imported] of code.matchAll(/(?:\bfrom|\bimport)\s*["']\.\/([^"']+\.js)["']/g)) {
    if (imported !== undefined) withImports(imported, seen);
  }
  return seen;
}

it("the first load is small: the page's script and the worker's", () => {
  const page = readFileSync(`${dist}index.html`, "utf8");
  const entry = /src="\.\/assets\/([^"]+)"/.exec(page)?.[1] ?? "";
  const worker = readdirSync(`${dist}assets`).find((name) => name.startsWith("worker-")) ?? "";
  const scripts = [...withImports(entry), ...withImports(worker)];
  const size = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(`${dist}assets/${name}`)).length, 0);
  expect(scripts.length).toBeGreaterThanOrEqual(2);
  expect(size, scripts.join(" ")).toBeLessThanOrEqual(most);
});
