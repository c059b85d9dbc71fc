import { readFileSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Dashboard, open, server, useDashboard } from "./dashboard";
import { eventually, persons } from "./server";

useDashboard();

const folder = fileURLToPath(new URL("../../.cache/dashboard/", import.meta.url));
// With SCREENSHOTS=docs these are kept in the tree.
const inDocs = ["form-wide-light", "live-wide-dark", "gap-wide-light", "figures-wide-light", "live-phone-dark", "details-tablet-light"];
const docs = fileURLToPath(new URL("../../docs/dashboard/", import.meta.url));
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
    await page.row("Ada Lovelace").first().waitFor();
  },
  load: async (page) => {
    for (let i = 0; i < 12; i++) await fill();
    await page.page.locator(".scroller").evaluate((scroller) => scroller.scrollTo({ top: 10 * 36 }));
    await fill();
    await page.page.getByRole("button", { name: "40 new" }).waitFor();
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
    await page.row("Konrad Zuse").first().click();
    await page.page.locator("aside.panel").waitFor();
  },
  form: async ({ page }) => {
    await fill();
    await page.keyboard.press("n");
    await page.getByRole("button", { name: "Add a phone" }).click();
    await page.getByLabel("Phone 1", { exact: true }).fill("none");
    await page.getByLabel("E-mail", { exact: true }).fill("ada");
    await page.getByLabel("Date of birth").fill("10.12.1815");
    await page.getByRole("button", { name: "Submit", exact: true }).click();
    await page.getByText("need a correction").waitFor();
  },
  refused: async ({ page }) => {
    await fill();
    await page.route("**/SubmitPerson", (route) => route.fulfill({ status: 404, body: "404" }));
    await page.keyboard.press("n");
    await page.getByLabel("Name", { exact: true }).fill("Ada");
    await page.getByLabel("E-mail", { exact: true }).fill("ada@example.org");
    await page.getByLabel("Date of birth").fill("17.5.1990");
    await page.keyboard.press("Enter");
    await page.getByText("The person was not stored.").waitFor();
  },
  question: async ({ page }) => {
    await fill();
    await page.keyboard.press("n");
    await page.getByLabel("Name", { exact: true }).fill("Ada");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("alertdialog").waitFor();
  },
  stopped: async ({ page }) => {
    await page.route("**/SubmitPersons", (route) => route.fulfill({ status: 403, body: "no" }));
    await page.keyboard.press("n");
    const csv = "name,email\nAda Lovelace,ada@example.org\nGrace Hopper,grace@example.org\n";
    await page.setInputFiles("input[type=file]", { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await page.getByRole("button", { name: "Submit 2" }).click();
    await page.getByText("Stopped: 0 of 2 are stored").waitFor();
  },
  reconnecting: async (page) => {
    await fill();
    await page.row("Ada Lovelace").first().waitFor();
    await server.kill();
    await page.expectConnection(/^Reconnecting/);
  },
  figures: async ({ page }) => {
    await page.keyboard.press("f");
    await page.getByText("As a table").click();
    // Until the chart has a shape.
    await eventually(async () => {
      await fill();
      return Number((await page.locator(".chart .line").getAttribute("points"))?.split(" ").length) >= 5;
    });
  },
  menu: async (page) => {
    await fill();
    await page.page.locator(".menu summary").click();
    await page.page.getByRole("button", { name: "Export as vCard" }).waitFor();
  },
  preview: async ({ page }) => {
    await page.keyboard.press("n");
    const csv = "name,email,birthdate\nAda Lovelace,ada@example.org,1815-12-10\nGrace Hopper,grace,\nKonrad Zuse,konrad@example.org,\n";
    await page.setInputFiles("input[type=file]", { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await page.getByRole("button", { name: "Submit 3" }).click();
    await page.getByText("2 stored, 1 refused").waitFor();
  },
  help: async ({ page }) => {
    await page.keyboard.press("?");
    await page.locator("aside.panel").waitFor();
  },
};

const names = ["Ada Lovelace", "Grace Hopper", "Konrad Zuse", "Emmy Noether", "Alan Turing", "Katherine Johnson", "Edsger Dijkstra", "Barbara Liskov"];
const hosts = ["example.org", "example.com", "mail.example.net"];

/** Forty persons, of whom the last ones are known to the scenes by name. */
async function fill(): Promise<void> {
  await server.submit(
    ...persons(1, 40).map((person, i) => {
      const name = names[(39 - i) % names.length] ?? "";
      return { ...person, name, email: `${name.toLowerCase().replace(" ", ".")}@${hosts[i % hosts.length]}` };
    }),
  );
}

for (const [name, scene] of Object.entries(scenes)) {
  it(`${name}: in both themes and at all widths, and accessible`, async () => {
    await mkdir(folder, { recursive: true });
    await mkdir(docs, { recursive: true });
    const page = await open();
    await scene(page);
    for (const theme of themes) {
      await page.page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      for (const [width, size] of Object.entries(widths)) {
        await page.page.setViewportSize(size);
        const picture = `${name}-${width}-${theme}`;
        await page.page.screenshot({ path: `${folder}${picture}.png` });
        if (process.env["SCREENSHOTS"] === "docs" && inDocs.includes(picture)) await copyFile(`${folder}${picture}.png`, `${docs}${picture}.png`);
        await expectAccessible(page);
        const sideways = await page.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(sideways, `${width}: wider than the window`).toBeLessThanOrEqual(0);
      }
    }
  });
}

describe("names as long as they may be", () => {
  const word = "Wolfeschlegelsteinhausenbergerdorff";
  const longest = [
    { name: word.repeat(6).slice(0, 200), email: `${"a".repeat(64)}@${"b".repeat(60)}.${"c".repeat(60)}.example.org`, phones: [{ number: "+49 30 1234567890 1234567890 12", type: "PHONE_TYPE_MOBILE" }, { number: "+1 2345678" }] },
    { name: "مرحبا بالعالم ".repeat(14).trim(), email: "x@example.org" },
    { name: "字".repeat(200), email: "x@example.org" },
    { name: "a b c d ".repeat(25).trim(), email: "x@example.org" },
  ];

  it.each(["en-US", "de-DE"])("break nothing at any width, nor do the longest words about the connection, in %s", async (locale) => {
    await server.submit(...longest);
    await server.publish("contact-person", "not a person");
    const page = await open("", { locale });
    await page.expectCount(5);
    const troubles: string[] = [];
    const look = async (scene: string) => {
      for (const width of [320, 390, 640, 700, 768, 820, 900, 1024, 1280]) {
        await page.page.setViewportSize({ width, height: 700 });
        for (const trouble of await page.page.evaluate(findTroubles)) troubles.push(`${scene}, ${width} px: ${trouble}`);
      }
    };
    await look("the list");
    await page.row(word).click();
    await page.page.locator("aside.panel").waitFor();
    await look("details");
    await page.page.keyboard.press("n");
    await page.page.locator(".form input").first().fill(word.repeat(6));
    await look("the form");
    await page.page.keyboard.press("Escape");
    const words = locale === "en-US" ? "Catching up, 1,000,000 behind" : "Der Speicher des Servers ist nicht da";
    await page.connection.evaluate((connection, words) => (connection.lastChild as Text).replaceData(0, 99, words), words);
    await look(words);
    expect(troubles).toEqual([]);
  });
});

/** What is outside of what it belongs in, or over something else. */
function findTroubles(): string[] {
  const troubles: string[] = [];
  const name = (element: Element) => `${element.tagName.toLowerCase()}.${element.className} "${element.textContent?.slice(0, 20)}"`;
  for (const element of document.querySelectorAll("html, .scroller, .panel-body")) {
    if (element.scrollWidth > element.clientWidth) troubles.push(`${name(element)} is ${element.scrollWidth - element.clientWidth} px wider than there is place`);
  }
  for (const whole of document.querySelectorAll(".top, .top nav, .toolbar, .row, .panel-head, .phone")) {
    const box = whole.getBoundingClientRect();
    const parts = [...whole.children].filter((part) => !part.matches(".hidden") && part.getBoundingClientRect().width > 0);
    for (const [i, part] of parts.entries()) {
      const { left, right, top, bottom } = part.getBoundingClientRect();
      if (left < box.left - 1 || right > Math.min(box.right, innerWidth) + 1) troubles.push(`${name(part)} is outside of its place`);
      for (const other of parts.slice(i + 1)) {
        const its = other.getBoundingClientRect();
        if (left < its.right - 1 && its.left < right - 1 && top < its.bottom - 1 && its.top < bottom - 1) troubles.push(`${name(part)} is over ${name(other)}`);
      }
    }
  }
  return troubles;
}
