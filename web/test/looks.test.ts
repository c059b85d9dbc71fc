import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { type Dashboard, open, server, useDashboard } from "./dashboard";
import { persons } from "./server";

useDashboard();

// Where the pictures go: with SCREENSHOTS=docs into the tree, for the README.
const folder = fileURLToPath(
  new URL(process.env["SCREENSHOTS"] === "docs" ? "../../docs/dashboard/" : "../../.cache/dashboard/", import.meta.url),
);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const themes = ["light", "dark"] as const;
const widths = { wide: { width: 1440, height: 810 }, tablet: { width: 820, height: 1000 }, phone: { width: 390, height: 844 } };

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

async function expectAccessible({ page }: Dashboard): Promise<void> {
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: (o: object) => Promise<{ violations: Violation[] }> } };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    return (await axe.run({ runOnly: { type: "tag", values: tags } })).violations;
  });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("; ")}`)).toEqual([]);
}

const scenes: Record<string, (page: Dashboard) => Promise<void>> = {
  empty: async ({ page }) => {
    await page.getByText("Nobody yet").waitFor();
  },
  live: async (page) => {
    await fill();
    await page.row("Person 40").waitFor();
  },
  gap: async (page) => {
    await fill();
    await server.publish("contact-person", "not a person");
    await server.erase(38, 39);
    await page.page.reload();
    await page.row("could not be read").waitFor();
    await page.row("are gone").waitFor();
  },
  details: async (page) => {
    await fill();
    await page.row("Person 38").click();
    await page.page.locator("aside.panel").waitFor();
  },
  form: async ({ page }) => {
    await fill();
    await page.keyboard.press("n");
    await page.getByLabel("E-mail", { exact: true }).fill("ada");
    await page.getByRole("button", { name: "Submit", exact: true }).click();
    await page.getByText("need a correction").waitFor();
  },
  reconnecting: async (page) => {
    await fill();
    await page.row("Person 40").waitFor();
    await server.kill();
    await page.expectConnection(/^Reconnecting/);
  },
  figures: async ({ page }) => {
    await fill();
    await page.keyboard.press("f");
    await page.locator(".tiles").waitFor();
  },
  help: async ({ page }) => {
    await page.keyboard.press("?");
    await page.locator("aside.panel").waitFor();
  },
};

async function fill(): Promise<void> {
  await server.submit(...persons(1, 40));
}

for (const [name, scene] of Object.entries(scenes)) {
  it(`${name}: in both themes and at all widths, and accessible`, async () => {
    await mkdir(folder, { recursive: true });
    const page = await open();
    await scene(page);
    for (const theme of themes) {
      await page.page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      for (const [width, size] of Object.entries(widths)) {
        await page.page.setViewportSize(size);
        await page.page.screenshot({ path: `${folder}${name}-${width}-${theme}.png` });
        await expectAccessible(page);
        const sideways = await page.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(sideways, `${width}: wider than the window`).toBeLessThanOrEqual(0);
      }
    }
  });
}
