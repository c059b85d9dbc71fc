import { describe, expect, it } from "vitest";
import { context, type Dashboard, open, range, server, useDashboard } from "./dashboard";
import { eventually, person, persons, Server } from "./server";

useDashboard();

describe("watching", () => {
  it("says what would appear, until somebody does", async () => {
    const page = await open();
    await page.page.getByText("Nobody yet").waitFor();
    expect(await page.page.locator("pre").textContent()).toContain(`${server.url}/contact.v1.SubmitService/SubmitPerson`);
    await server.submit(person(1));
    await page.row("Person 1").waitFor();
    await page.expectConnection("Live");
    page.expectNoComplaints();
  });

  it("starts where it is told, and the address says so", async () => {
    await server.submit(...persons(1, 150));
    const page = await open();
    await page.expectCount(100);
    await page.page.getByLabel("Show from").selectOption({ label: "everything" });
    await page.expectCount(150);
    expect(page.page.url()).toContain("start=all");
    await page.page.getByLabel("Show from").selectOption({ label: "from now on" });
    await page.expectCount(0);
    await server.submit(person(151));
    await page.row("Person 151").waitFor();
    await page.page.goBack();
    await page.expectCount(151);
    const shared = await open("?start=last-7");
    await shared.expectCount(7);
  });

  it("goes on after the server was killed, and has everything once", async () => {
    await server.submit(...persons(1, 5));
    const page = await open();
    await page.expectCount(5);
    await server.kill();
    await page.expectConnection(/^Reconnecting/);
    await page.page.getByText("nothing is missed").waitFor();
    await server.run();
    await server.submit(...persons(6, 20));
    await page.expectConnection("Live");
    await page.expectCount(20);
    expect(await page.sequences()).toEqual(range(1, 20));
  });

  it("filters; a filter with a mistake changes nothing, and says what is wrong, and where", async () => {
    await server.submit(...persons(1, 30));
    const page = await open();
    const filter = page.page.getByLabel("Filter", { exact: true });
    await filter.fill('person.name.endsWith("7")');
    await filter.press("Enter");
    await page.expectCount(3);
    const address = page.page.url();
    await filter.fill("person.nmae == 1");
    await filter.press("Enter");
    const error = page.page.locator(".filter .error");
    await error.getByText(/column 8/).waitFor();
    expect(await error.locator(".caret").textContent()).toBe("person.^");
    await page.expectConnection("Live");
    expect(await page.count()).toBe(3);
    expect(page.page.url()).toBe(address);
    await server.submit(person(37));
    await page.expectCount(4);
    await filter.fill("");
    await filter.press("Enter");
    await page.expectCount(31);
    expect(await error.count()).toBe(0);
    page.expectNoComplaints();
  });

  it("keeps the list and the filter while the server can't say whether it would take another", async () => {
    await server.submit(...persons(1, 30));
    const page = await open();
    await page.expectCount(30);
    await server.kill();
    const filter = page.page.getByLabel("Filter", { exact: true });
    await filter.fill('person.name.endsWith("7")');
    await filter.press("Enter");
    await page.page.getByText("the filter could not be checked").waitFor();
    expect(await page.count()).toBe(30);
    await server.run();
    await filter.press("Enter");
    await page.expectCount(3);
    await page.expectConnection("Live");
  });

  it("says what is wrong with a filter that the address came with", async () => {
    const page = await open("?filter=person.nmae");
    await page.expectConnection("Not watching");
    await page.page.locator(".filter .error").getByText(/column 8/).waitFor();
    await page.page.getByLabel("Filter", { exact: true }).fill("");
    await page.page.getByLabel("Filter", { exact: true }).press("Enter");
    await page.expectConnection("Live");
  });

  it("says how many persons are left out since the filter failed for them", async () => {
    await server.submit(person(1), { name: "Nobody calls", email: "nobody@example.org" });
    const page = await open(`?filter=${encodeURIComponent("person.phones[0].number != ''")}`);
    await page.expectCount(1);
    await page.page.getByText("1 person is left out").waitFor();
  });

  it("pauses without losing its place", async () => {
    await server.submit(person(1));
    const page = await open();
    await page.expectCount(1);
    await page.page.keyboard.press("p");
    await page.expectConnection("Paused, 0 new");
    await server.submit(...persons(2, 38));
    await page.expectConnection("Paused, 37 new");
    expect(await page.count()).toBe(1);
    await page.page.keyboard.press("p");
    await page.expectCount(38);
    expect(await page.sequences()).toEqual(range(1, 38));
  });

  it("shows what could not be read, and what is gone", async () => {
    await server.submit(...persons(1, 5));
    await server.publish("contact-person", "not a person");
    await server.erase(3, 4);
    const page = await open("?start=all");
    await page.row("could not be read").waitFor();
    await page.row("2 events are gone from the stream (3–4)").waitFor();
    await page.expectCount(5);
    await page.page.getByLabel("Search what is shown").fill("Person 5");
    await page.expectCount(2); // the gap is never left out
    await page.row("2 events are gone").waitFor();
  });

  it("keeps what is being read where it is", async () => {
    await server.submit(...persons(1, 100));
    const page = await open();
    await page.expectCount(100);
    await page.page.locator(".scroller").evaluate((scroller) => scroller.scrollTo({ top: 20 * 36 }));
    const row = page.row("Person 75");
    await row.waitFor();
    const before = await row.boundingBox();
    await server.submit(...persons(101, 137));
    await page.page.getByRole("button", { name: "37 new" }).waitFor();
    expect(await row.boundingBox()).toEqual(before);
    await page.page.getByRole("button", { name: "37 new" }).click();
    await page.row("Person 137").waitFor();
    await eventually(async () => (await page.page.locator(".pill").count()) === 0);
    await page.page.getByLabel("Search what is shown").fill("person5");
    await page.expectCount(11);
    await page.page.setViewportSize({ width: 1000, height: 300 });
    await page.page.locator(".scroller").evaluate((scroller) => scroller.scrollTo({ top: 3 * 36 }));
    await page.page.getByLabel("Search what is shown").fill("");
    await page.row("Person 137").waitFor(); // another list is read from its top
    expect(await page.page.locator(".pill").count()).toBe(0); // and nothing in it is new
  });

  it("opens a row with everything known, by keyboard alone", async () => {
    await server.submit(...persons(1, 3));
    const page = await open();
    await page.expectCount(3);
    for (const key of ["j", "j", "Enter"]) await page.page.keyboard.press(key);
    const panel = page.page.locator("aside.panel");
    await panel.getByRole("heading", { name: "Person 2" }).waitFor();
    await panel.getByRole("link", { name: "person2@example.org" }).waitFor();
    await page.page.keyboard.press("j");
    await panel.getByRole("heading", { name: "Person 1" }).waitFor();
    await page.page.keyboard.press("k");
    await page.page.keyboard.press("k");
    await panel.getByRole("heading", { name: "Person 3" }).waitFor();
    await page.page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
    await page.page.keyboard.press("n");
    await page.page.getByLabel("Name", { exact: true }).fill("");
    await page.page.keyboard.type("jack");
    expect(await page.page.getByLabel("Name", { exact: true }).inputValue()).toBe("jack");
    expect(await page.row("Person 3").getAttribute("class")).toContain("active");
  });

  it("tells a screen reader where the keyboard is, and who came", async () => {
    await server.submit(...persons(1, 3));
    const page = await open();
    await page.expectCount(3);
    await page.page.keyboard.press("j");
    const grid = page.page.getByRole("grid");
    expect(await grid.evaluate((element) => element === document.activeElement)).toBe(true);
    const active = (await grid.getAttribute("aria-activedescendant")) ?? "";
    expect(await page.page.locator(`#${active}`).textContent()).toContain("Person 3");
    await eventually(async () => {
      await server.submit(person(4)); // what came before it first looked is no news
      const said = (await page.page.locator(".table [aria-live=polite]").textContent()) ?? "";
      return /^Person 4 arrived|persons arrived, last Person 4$/.test(said);
    });
    const status = page.page.getByRole("status");
    expect(await status.textContent()).toBe("Live");
    await server.kill();
    await eventually(async () => (await status.textContent()) === "Reconnecting…"); // and no seconds
  });

  it("copies a person as JSON and as a vCard", async () => {
    await server.submit(person(1));
    const page = await open("", { permissions: ["clipboard-read", "clipboard-write"] });
    await page.row("Person 1").click();
    const copied = () => page.page.evaluate(() => navigator.clipboard.readText());
    await page.page.getByRole("button", { name: "Copy as JSON" }).click();
    await page.page.getByRole("button", { name: "Copied" }).waitFor();
    expect(JSON.parse(await copied())).toEqual(person(1));
    await page.page.getByRole("button", { name: "Copy as vCard" }).click();
    await eventually(async () => (await copied()).startsWith("BEGIN:VCARD"));
    expect(await copied()).toContain("FN:Person 1\r\nEMAIL:person1@example.org\r\nTEL;TYPE=work:+49 30 1001\r\n");
  });

  it("exports what is shown, and `rollcall submit` reads it", async () => {
    await server.submit(...persons(1, 12), { name: 'Zoë "Z", Å; \\', email: "zoe@example.org", phones: [{ number: "+49 30 1" }] });
    const page = await open("?start=last-13&search=o");
    const other = await Server.start();
    try {
      for (const [form, format, count] of [["CSV", "csv", 13], ["vCard", "vcard", 26], ["NDJSON", "ndjson", 39]] as const) {
        await other.import(await page.export(form), format);
        await eventually(async () => {
          const { position } = await other.call<{ position?: { sequence?: string } }>("StatusService/GetStatus", {});
          return position?.sequence === String(count);
        });
      }
      await page.page.getByLabel("Search what is shown").fill("Zoë");
      await page.expectCount(1);
      await page.page.goto(`${other.url}/?start=last-14`);
      await page.expectCount(14);
      expect(await page.row('Zoë "Z", Å; \\').count()).toBe(2);
    } finally {
      await other.stop();
    }
  });

  it("exports by keyboard alone", async () => {
    await server.submit(person(1));
    const page = await open();
    const download = page.page.waitForEvent("download");
    await page.page.locator(".menu summary").focus();
    for (const key of ["Enter", "Tab", "Tab", "Enter"]) await page.page.keyboard.press(key);
    expect((await download).suggestedFilename()).toBe("persons.vcf");
  });

  it("says when the server wants to know who asks", async () => {
    await context.addInitScript("delete globalThis.SharedWorker"); // whose requests can't be answered here
    await context.route("**/WatchPersons", (route) => route.fulfill({ status: 401, body: "who?" }));
    const page = await open();
    await page.expectConnection("Signed out");
    await context.unroute("**/WatchPersons");
    await page.page.getByRole("button", { name: "Load again" }).click();
    await page.expectConnection("Live");
  });

  it("speaks German", async () => {
    const page = await open("", { locale: "de-DE" });
    await page.page.getByText("Noch niemand").waitFor();
    await page.page.getByRole("button", { name: "DE: die Seite spricht Deutsch" }).click();
    await page.page.getByText("Nobody yet").waitFor();
  });
});

describe("many tabs", () => {
  it("ten equal tabs share one watch, and submitting works beside them", async () => {
    const tabs = [];
    for (let i = 0; i < 10; i++) tabs.push(await open());
    await server.submit(person(1));
    for (const tab of tabs) await tab.row("Person 1").waitFor();
    const { watches } = await server.call<{ watches: number }>("StatusService/GetStatus", {});
    expect(watches).toBe(1);
    const last = tabs[9] as Dashboard;
    await last.page.keyboard.press("n");
    await last.page.getByLabel("Name", { exact: true }).fill("From the tenth");
    await last.page.getByLabel("E-mail", { exact: true }).fill("tenth@example.org");
    await last.page.keyboard.press("Enter");
    for (const tab of tabs) await tab.row("From the tenth").waitFor();
  });

  it("without a SharedWorker each watches for itself", async () => {
    await context.addInitScript("delete globalThis.SharedWorker");
    const tabs = [await open(), await open()];
    await server.submit(person(1));
    for (const tab of tabs) await tab.row("Person 1").waitFor();
    const watches = async () => (await server.call<{ watches?: number }>("StatusService/GetStatus", {})).watches;
    expect(await watches()).toBe(2);
    await server.kill();
    for (const tab of tabs) await tab.expectConnection(/^Reconnecting/);
    await server.run();
    await server.submit(person(2));
    for (const tab of tabs) {
      await tab.row("Person 2").waitFor();
      expect(await tab.sequences()).toEqual([1, 2]);
      tab.expectNoComplaints();
    }
    await tabs[0]?.page.close();
    await eventually(async () => (await watches()) === 1);
  });

  it("the fifth different view says why it waits, until another is closed", async () => {
    const tabs = [];
    for (let i = 1; i <= 5; i++) tabs.push(await open(`?start=last-${i}`));
    const fifth = tabs[4] as Dashboard;
    await fifth.expectConnection("Waiting for a connection");
    await fifth.page.getByText("HTTP/2").waitFor();
    await tabs[0]?.page.close();
    await fifth.expectConnection("Live");
  });
});
