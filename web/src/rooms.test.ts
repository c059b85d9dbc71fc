import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const src = fileURLToPath(new URL(".", import.meta.url));

/** What each room may import, beside itself and in its tests. What is generated, in gen, imports none. */
const rooms: Record<string, readonly string[]> = {
  export: ["watch"],
  figures: ["gen", "texts"],
  foreign: [],
  idempotency: [],
  submit: ["export", "foreign", "gen", "idempotency", "texts", "ui", "watch"],
  table: ["export", "foreign", "idempotency", "texts", "ui", "watch"],
  texts: [],
  ui: ["texts", "watch"],
  watch: ["gen"],
};

it("each room imports those that it may, and no others", () => {
  const folders = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== "gen");
  expect(Object.fromEntries(folders.map(({ name }) => [name, importsOf(name)]))).toEqual(rooms);
});

function importsOf(room: string): string[] {
  const imported = new Set<string>();
  for (const file of readdirSync(join(src, room), { recursive: true, encoding: "utf8" })) {
    if (!/\.tsx?$/.test(file) || file.includes(".test.")) continue;
    const code = readFileSync(join(src, room, file), "utf8");
    for (const [, other = ""] of code.matchAll(/["'](?:\.\.\/)+([a-z]+)\//g)) imported.add(other);
  }
  imported.delete(room);
  return [...imported].sort();
}
