import { readFileSync } from "node:fs";
import { createServer, type Server as HTTPServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Browser, engines } from "./engines";
import { signal } from "./processes";
import { eventually, person, persons, Server } from "./server";

// What two heartbeats are is told by the server, so that the tests need not wait for half a minute.
const flags = ["--progress-interval", "500ms", "--allow-origin", "http://127.0.0.1:*"];

for (const engine of engines) {
  const missing = engine.missing.join(" and ");
  if (missing !== "") console.warn(`SKIPPED: the page in ${engine.name}, since ${missing} is not installed`);

  describe.skipIf(missing !== "")(`in ${engine.name}`, () => {
    let browser: Browser;
    let server: Server;

    beforeAll(async () => {
      browser = await engine.start();
    });
    afterAll(() => browser.close());
    beforeEach(async () => {
      server = await Server.start(...flags);
    });
    afterEach(async () => {
      await browser.open("about:blank");
      await server.stop();
    });

    async function open(query = ""): Promise<void> {
      await browser.open(`${server.url}/${query}`);
      await browser.see("Live", ".connection");
    }

    async function expectRows(count: number): Promise<void> {
      await eventually(async () => (await browser.run("return document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')")) === String(count + 1));
    }

    async function openForm(): Promise<void> {
      await browser.press("n");
      await browser.see("Date of birth", ".form");
    }

    it("a person is submitted with Enter in the e-mail field, and the next form has no mistakes", async () => {
      await open();
      await openForm();
      await browser.fill("Name", "Ada Lovelace");
      await browser.fill("E-mail", "ada@example.org");
      await browser.press("Enter");
      await browser.see("Stored as #1", ".form");
      await browser.see("Ada Lovelace", ".rows");
      // A mistake would be said a moment after a field was left.
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(await browser.count(".form .error, .form [aria-invalid=true]")).toBe(0);
      expect(await browser.value("E-mail")).toBe("");
    });

    it("a date is stored as it was typed", async () => {
      await open();
      await openForm();
      await browser.fill("Name", "Ada Lovelace");
      await browser.fill("E-mail", "ada@example.org");
      await browser.fill("Date of birth", "1990-05-17");
      await browser.press("Enter");
      await browser.see("Stored as #1", ".form");
      const { birthdate } = await server.first();
      expect(birthdate).toEqual({ year: 1990, month: 5, day: 17 });
    });

    it("a date is read as the page's language has it, and said in words", async () => {
      await open();
      await openForm();
      await browser.fill("Name", "Ada Lovelace");
      await browser.fill("E-mail", "ada@example.org");
      await browser.fill("Date of birth", "some day");
      await browser.press("Enter");
      await browser.see("cannot be read as a date", ".form");
      expect(await browser.value("Date of birth")).toBe("some day");
      await browser.fill("Date of birth", "5/17/90");
      await browser.see("17 May 1990", ".form");
      await browser.press("Enter");
      await browser.see("Stored as #1", ".form");
      expect((await server.first()).birthdate).toEqual({ year: 1990, month: 5, day: 17 });
    });

    it("a half-filled form survives Esc, the help and a reload, and is discarded only after a question", async () => {
      await open();
      await openForm();
      await browser.fill("Name", "Ada");
      await browser.fill("Date of birth", "10.12.1815");
      const closed = () => eventually(async () => (await browser.count(".form")) === 0);
      for (const interrupt of [
        () => browser.press("Escape"),
        () => browser.click("Keyboard shortcuts"),
        async () => {
          await browser.reload();
          await browser.see("Live", ".connection");
        },
      ]) {
        await interrupt();
        await closed();
        await browser.press("n");
        await browser.see("10 December 1815", ".form");
        expect(await browser.value("Name")).toBe("Ada");
      }
      await browser.click("Discard");
      await browser.see("Discard what you filled in?", "dialog");
      await browser.press("Escape");
      await eventually(async () => (await browser.count("dialog")) === 0);
      expect(await browser.value("Name")).toBe("Ada");
      await browser.click("Discard");
      await browser.see("Discard what you filled in?", "dialog");
      await browser.run("document.querySelector('dialog button:not(.primary)').click()");
      await eventually(async () => (await browser.value("Name")) === "");
      expect(await browser.count(".form .error")).toBe(0);
    });

    it("Esc during an import asks, and the import goes on where it was stopped", async () => {
      await open();
      await openForm();
      await browser.run(`
        const dataTransfer = new DataTransfer();
        const rows = Array.from({ length: 450 }, (_, i) => "Person " + i + ",p" + i + "@example.org\\n");
        dataTransfer.items.add(new File(["name,email\\n", ...rows], "people.csv"));
        document.querySelector("h1").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
      `);
      await browser.see("450 persons in people.csv");
      server.stand();
      await browser.click("Submit 450");
      await browser.see("0 of 450");
      for (let asked = 0; asked < 2; asked++) {
        await browser.press("Escape");
        await browser.see("0 of 450 in people.csv are stored", "dialog");
        if (asked === 0) await browser.press("Escape");
        else await browser.run("document.querySelector('dialog button:not(.primary)').click()");
        await eventually(async () => (await browser.count("dialog")) === 0);
      }
      await browser.see("Stopped: 0 of 450 are stored, 450 are still to come.");
      server.goOn();
      await browser.click("Go on");
      await browser.see(/^(450 stored|\d+ stored, \d+ (was|were) stored before), 0 refused$/m);
    });

    it("the list goes on after the server was killed, and has everything once", async () => {
      await server.submit(...persons(1, 5));
      await open();
      await expectRows(5);
      await server.kill();
      await browser.see("Reconnecting", ".connection");
      await server.run();
      await server.submit(...persons(6, 20));
      await browser.see("Live", ".connection");
      await browser.see("Person 20", ".rows");
      await expectRows(20);
    });

    it("a filter with a mistake keeps the list, and the filter before", async () => {
      await server.submit(...persons(1, 30));
      await open();
      await browser.fill("Filter", 'person.name.endsWith("7")');
      await browser.press("Enter");
      await expectRows(3);
      await browser.fill("Filter", "person.nmae == 1");
      await browser.press("Enter");
      await browser.see("column 8", ".filter .error");
      await expectRows(3);
      await server.submit(person(37), person(38));
      await browser.see("Person 37", ".rows");
      await expectRows(4);
      expect(await browser.text(".connection")).toBe("Live");
      expect(decodeURIComponent(await browser.run("return location.search"))).toContain('endsWith("7")');
      await browser.fill("Filter", 'person.name.endsWith("8")');
      await browser.press("Enter");
      await browser.see("Person 38", ".rows");
      expect(await browser.count(".filter .error")).toBe(0);
    });

    it("after the whole browser stood still the page has what came meanwhile, and says what is true", async () => {
      await server.submit(...persons(1, 3));
      await open();
      await expectRows(3);
      const all = browser.processes();
      expect(all.length).toBeGreaterThan(1);
      signal(all, "SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      await server.submit(person(4));
      signal(all, "SIGCONT");
      await browser.see("Person 4", ".rows");
      await browser.see("Live", ".connection");
      expect(await browser.run("return document.querySelector('.connection').title")).toMatch(/^last heard [0-2] s ago$/);
      await server.submit(person(5));
      await browser.see("Person 5", ".rows");
      await expectRows(5);
    });

    it("what is not heard of any more is not called live", async () => {
      await open();
      server.stand();
      await browser.see(/^(Nothing heard|Reconnecting)/, ".connection");
      server.goOn();
      await browser.see("Live", ".connection");
    });

    describe("the example", () => {
      const example = readFileSync(new URL("../examples/fetch.html", import.meta.url));
      let site: HTTPServer;
      let address: string;

      beforeAll(async () => {
        site = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(example));
        await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
        address = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
      });
      afterAll(() => site.close());

      it("submits and watches, and goes on after the server was killed", async () => {
        await server.submit(person(1));
        await browser.open(`${address}/fetch.html?server=${server.url}`);
        await browser.see("Person 1 <person1@example.org>");
        await browser.fill("Name", "Ada");
        await browser.fill("E-mail", "ada@example.org");
        await browser.click("Submit");
        await browser.see("stored as 2");
        await browser.see("Ada <ada@example.org>");
        await server.kill();
        await browser.see(`${server.url} does not answer. This page asks again.`);
        await server.run();
        await server.submit(person(3));
        await browser.see("Person 3 <person3@example.org>");
        expect(await browser.count("li")).toBe(3);
        expect(await browser.text("#trouble")).toBe("");
      });

      it("says so when the server does not let it in", async () => {
        const shut = await Server.start();
        try {
          await browser.open(`${address}/fetch.html?server=${shut.url}`);
          await browser.see(`${shut.url} does not let this page in: start it with --allow-origin ${address}`, "#trouble");
          await browser.fill("Name", "Ada");
          await browser.fill("E-mail", "ada@example.org");
          await browser.click("Submit");
          await browser.see("does not let this page in", "#answer");
        } finally {
          await shut.stop();
        }
      });
    });
  });
}
