// The page, as a person meets it.

import { readFileSync } from "node:fs";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { eventually, Server } from "./server";

export let browser: Browser;
export let context: BrowserContext;
export let server: Server;

/** Gives each test a server and a browser profile of its own. */
export function useDashboard(...flags: string[]): void {
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    server = await Server.start(...flags);
    context = await browser.newContext({ locale: "en-US" });
  });
  afterEach(async () => {
    await context.close();
    await server.stop();
  });
}

/** Opens the page; whatever it complains about fails the test. */
export async function open(query = "", options?: BrowserContextOptions): Promise<Dashboard> {
  if (options !== undefined) {
    await context.close();
    context = await browser.newContext({ locale: "en-US", ...options });
  }
  const page = await context.newPage();
  const dashboard = new Dashboard(page);
  await page.goto(`${server.url}/${query}`);
  await dashboard.expectConnection(/^(?!Connecting|Verbindet|$)/); // so it takes keys by now
  return dashboard;
}

export class Dashboard {
  readonly page: Page;
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (err) => this.complaints.push(err.message));
    page.on("console", (message) => {
      // What the network does is said in the page; a browser says it here, too.
      if (message.type() === "error" && !/Failed to load resource|ERR_/.test(message.text())) this.complaints.push(message.text());
    });
  }

  get connection(): Locator {
    return this.page.locator(".connection");
  }

  get rows(): Locator {
    return this.page.locator(".rows .row");
  }

  row(text: string): Locator {
    return this.rows.filter({ hasText: text });
  }

  /** How many rows the list has, those out of sight among them. */
  async count(): Promise<number> {
    // Not by a locator, which would wait for a list that has just given way to "Nobody yet".
    const rows = await this.page.evaluate(() => document.querySelector("[role=grid]")?.getAttribute("aria-rowcount"));
    return Number(rows ?? 1) - 1;
  }

  async expectConnection(words: RegExp | string): Promise<void> {
    await eventually(async () => {
      const text = (await this.connection.textContent()) ?? "";
      return typeof words === "string" ? text === words : words.test(text);
    });
  }

  async expectCount(count: number): Promise<void> {
    await eventually(async () => (await this.count()) === count, 30_000);
  }

  /** Exports what is shown, and returns where the file is. */
  async export(form: "CSV" | "vCard" | "NDJSON"): Promise<string> {
    const download = this.page.waitForEvent("download");
    await this.page.locator(".menu summary").click();
    await this.page.getByRole("button", { name: `Export as ${form}` }).click();
    return (await download).path();
  }

  /** The sequences of all rows, in the stream's order. */
  async sequences(): Promise<number[]> {
    return readFileSync(await this.export("NDJSON"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { sequence?: string })
      .flatMap(({ sequence }) => (sequence === undefined ? [] : [Number(sequence)]));
  }

  expectNoComplaints(): void {
    expect(this.complaints).toEqual([]);
  }
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
