import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where `make dev` finds a server to work against.
const server = process.env["ROLLCALL"] ?? "http://127.0.0.1:8080";

const inBrowsers = { environment: "node", testTimeout: 60_000, hookTimeout: 60_000 } as const;

export default defineConfig({
  plugins: [react()],
  base: "./",
  build: {
    target: "es2023",
    // Nothing in the page itself: its policy allows no inline script or style.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  server: {
    proxy: { "^/contact\\.v1\\.": server },
  },
  test: {
    projects: [
      { extends: true, test: { name: "unit", include: ["src/**/*.test.ts"], environment: "node" } },
      { extends: true, test: { ...inBrowsers, name: "browser", include: ["test/**/*.test.ts"], exclude: ["test/load.test.ts"], maxWorkers: 2, sequence: { groupOrder: 1 } } },
      // Alone: it measures how soon the page answers.
      { extends: true, test: { ...inBrowsers, name: "load", include: ["test/load.test.ts"], maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
