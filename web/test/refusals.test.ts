// Each refusal is said as what it is, and only what may pass is sent again.

import { describe, expect, it } from "vitest";
import { type Dashboard, open, server, useDashboard } from "./dashboard";
import { person } from "./server";

/** Opens the form, fills it in and submits it. */
async function submitAda(page: Dashboard): Promise<void> {
  await page.page.keyboard.press("n");
  await page.page.getByLabel("Name", { exact: true }).fill("Ada");
  await page.page.getByLabel("E-mail", { exact: true }).fill("ada@example.org");
  await page.page.keyboard.press("Enter");
}

/** The requests that go to a method of the gateway's from now on. */
function requestsOf({ page }: Dashboard, method: string): string[] {
  const requests: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith(`/${method}`)) requests.push(request.url());
  });
  return requests;
}

describe("a full stream", () => {
  useDashboard("--max-bytes", "64KiB");

  it("is said to be full, and is not asked again", async () => {
    await expect(fill()).rejects.toThrow("resource_exhausted");
    const page = await open();
    const requests = requestsOf(page, "SubmitPerson");
    await submitAda(page);
    const outcome = page.page.locator(".outcome");
    await outcome.getByText("The stream is full. Its operator has to make room. The person was not stored.").waitFor();
    expect(await outcome.textContent()).not.toMatch(/no answer|again|unknown/i);
    expect(requests.length).toBe(1);
    expect(await page.page.getByLabel("Name", { exact: true }).inputValue()).toBe("Ada");
    page.expectNoComplaints();
  });

  it("stops an import, and says how many are stored and how to go on", async () => {
    const page = await open("?start=all");
    const requests = requestsOf(page, "SubmitPersons");
    await page.page.keyboard.press("n");
    const csv = `name,email\n${Array.from({ length: 600 }, (_, i) => `Person ${i},p${i}@example.org\n`).join("")}`;
    await page.page.setInputFiles("input[type=file]", { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await page.page.getByRole("button", { name: "Submit 600" }).click();
    await page.page.getByText("The stream is full. Its operator has to make room.").waitFor();
    const words = (await page.page.getByText(/^Stopped:/).textContent()) ?? "";
    const [, stored, rest] = /^Stopped: (\d+) of 600 are stored, (\d+) are still to come\.$/.exec(words) ?? [];
    expect(Number(stored) + Number(rest)).toBe(600);
    expect(Number(stored)).toBeGreaterThan(0);
    await page.expectCount(Number(stored));
    await page.page.getByText("what is stored is not stored twice").waitFor();
    expect(await page.page.getByText("Refused").count()).toBe(0);
    expect(await page.page.getByRole("button", { name: "Go on" }).count()).toBe(0);
    expect(requests.length).toBe(Math.floor(Number(stored) / 200) + 1);
    page.expectNoComplaints();
  });

  async function fill(): Promise<never> {
    for (let n = 0; ; n++) await server.submit(person(n));
  }
});

describe("another refusal", () => {
  useDashboard();

  const answers: readonly [string, { status: number; contentType?: string; body: string }, string, number][] = [
    ["by a proxy without a server", { status: 502, body: "bad gateway" }, "something in between did. (HTTP 502) It is unknown whether the person was stored. Submit again", 5],
    ["for who asks", { status: 401, body: "who?" }, "Load the page again to sign in. The person was not stored.", 1],
    ["for what they may", { status: 403, body: "no" }, "The server does not let you submit. The person was not stored.", 1],
    ["where there is no gateway", { status: 404, body: "404" }, "Nothing at this address takes persons. The person was not stored.", 1],
    ["of what is too large", { status: 413, body: "large" }, "That is larger than the server takes. The person was not stored.", 1],
    ["of a key that another has", error("already_exists", "idempotency_key: was used for another person: email differs"), "email differs) The person was not stored.", 1],
    ["of a kind that the page does not know", error("failed_precondition", "the moon is full"), "The server refused it. (the moon is full) The person was not stored.", 1],
    ["in the midst of a stop", error("unavailable", "stopping", "STOPPING"), "The server is stopping. It is unknown whether the person was stored. Submit again", 5],
    ["for a full disk", error("unavailable", "no space", "STORAGE"), "It is unknown whether the person was stored. Submit again in a moment", 1],
  ];

  it.each(answers)("%s", async (_, answer, words, attempts) => {
    const page = await open();
    await page.page.route("**/SubmitPerson", (route) => route.fulfill(answer));
    const requests = requestsOf(page, "SubmitPerson");
    await submitAda(page);
    await page.page.locator(".outcome").getByText(words).waitFor();
    expect(requests.length).toBe(attempts);
    await page.page.unroute("**/SubmitPerson");
    await page.page.getByRole("button", { name: "Submit", exact: true }).click();
    await page.page.getByText("Stored as #1").waitFor();
    page.expectNoComplaints();
  });

  it("is said while it is sent again, and can be stopped", async () => {
    const page = await open();
    await page.page.route("**/SubmitPerson", (route) => route.fulfill(error("resource_exhausted", "busy", "OVERLOADED")));
    await submitAda(page);
    await page.page.getByText("The server has too much to do. Sending again (3). It will be stored once.").waitFor();
    await page.page.getByRole("button", { name: "Stop" }).click();
    await page.page.getByText("You stopped it before an answer came. The person was not stored.").waitFor();
    page.expectNoComplaints();
  });
});

/** As the server answers. */
function error(code: string, message: string, reason = ""): { status: number; contentType: string; body: string } {
  const text = Buffer.from(reason);
  const info = Buffer.concat([Buffer.from([0x0a, text.length]), text]).toString("base64").replace(/=+$/, "");
  const details = reason === "" ? [] : [{ type: "google.rpc.ErrorInfo", value: info }];
  return { status: 503, contentType: "application/json", body: JSON.stringify({ code, message, details }) };
}
