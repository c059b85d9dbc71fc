// What other publishers put on the stream is shown, never obeyed.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { open, server, useDashboard } from "./dashboard";
import { personPayload } from "./payload";

useDashboard();

const name = "Ada \u202Egro.live\u2066\u0085\u2028Lovelace\x1b[31m";
const email = "ada@example.org?bcc=\u202Eeve@example.org\n";
const number = "+49\t30 \u202E1";

it("controls and overrides are seen, and turn nothing around", async () => {
  await server.publish("contact-person", personPayload(name, email, number));
  await server.publish("contact-person", personPayload("\u200B\uFEFF\u2060", "nobody@example.org", "+49"));
  await server.publish("contact-person", personPayload("עדה 12", "right@example.org", "+49"));
  const page = await open("?start=all");
  await page.expectCount(3);
  const shown = "Ada \uFFFDgro.live\uFFFD\uFFFD\uFFFDLovelace␛[31m";
  const row = page.row("ada@example.org");
  expect(await row.locator(".name").textContent()).toBe(shown);
  expect(await row.locator(".email").textContent()).toBe("ada@example.org?bcc=\uFFFDeve@example.org␊");
  expect(await row.locator(".phones").textContent()).toBe("mobile +49␉30 \uFFFD1");
  expect(await page.row("nobody@example.org").locator(".name").textContent()).toBe("\uFFFD\uFFFD\uFFFD");
  for (const cell of await page.page.locator(".row .name bdi").all()) {
    expect(await cell.evaluate((element) => getComputedStyle(element).unicodeBidi)).toBe("isolate");
  }

  await row.click();
  const panel = page.page.locator("aside.panel");
  expect(await panel.locator("h2").textContent()).toBe(shown);
  const link = panel.locator("a[href^=mailto]");
  expect(await link.getAttribute("href")).toBe(`mailto:${encodeURIComponent(email).replace("%40", "@")}`);
  expect(await link.getAttribute("href")).not.toContain("?");
  expect(await link.textContent()).toBe("ada@example.org?bcc=\uFFFDeve@example.org␊");
  expect(await panel.locator("a[href^=tel]").textContent()).toBe("+49␉30 \uFFFD1");

  const lines = readFileSync(await page.export("NDJSON"), "utf8").trim().split("\n");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ person: { name, email, phones: [{ number }] } });
  page.expectNoComplaints();
});

it("an announcement has none of them either", async () => {
  const page = await open();
  const announcement = page.page.locator(".table [aria-live]");
  await server.publish("contact-person", personPayload("first", email, number));
  await page.expectCount(1);
  await expect
    .poll(
      async () => {
        await server.publish("contact-person", personPayload(name, email, number));
        return (await announcement.textContent()) ?? "";
      },
      { timeout: 30_000, interval: 1000 },
    )
    .toMatch(/Ada \uFFFDgro\.live\uFFFD\uFFFD\uFFFDLovelace␛\[31m/);
});

it("names in a file are shown likewise", async () => {
  const page = await open();
  await page.page.keyboard.press("n");
  const csv = "name,email\nAda \u202EecalevoL,ada@example.org\n";
  await page.page.setInputFiles("input[type=file]", { name: "peo\u202Eelp.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await page.page.getByText("1 persons in peo\uFFFDelp.csv").waitFor();
  await page.page.getByText("Ada \uFFFDecalevoL").waitFor();
});
