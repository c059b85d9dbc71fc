import { readFileSync } from "node:fs";
import { createServer, type Server as HTTPServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { context, server, useDashboard } from "./dashboard";
import { person } from "./server";

const example = readFileSync(new URL("../examples/fetch.html", import.meta.url));
let site: HTTPServer;
let address: string;

beforeAll(async () => {
  site = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(example));
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterAll(() => site.close());

useDashboard("--allow-origin", "http://127.0.0.1:*");

it("the example submits and watches, and goes on after the server was killed", async () => {
  await server.submit(person(1));
  const page = await context.newPage();
  await page.goto(`${address}/fetch.html?server=${server.url}`);
  await page.getByText("Person 1 <person1@example.org>").waitFor();
  await page.getByLabel("Name").fill("Ada");
  await page.getByLabel("E-mail").fill("ada@example.org");
  await page.getByRole("button", { name: "Submit" }).click();
  await page.getByText("stored as 2").waitFor();
  await page.getByText("Ada <ada@example.org>").waitFor();
  await server.kill();
  await server.run();
  await server.submit(person(3));
  await page.getByText("Person 3 <person3@example.org>").waitFor();
  expect(await page.locator("li").count()).toBe(3);
});
