import { describe, expect, it } from "vitest";
import { type Dashboard, open, server, useDashboard } from "./dashboard";
import { eventually } from "./server";

useDashboard();

async function openForm(): Promise<Dashboard> {
  const page = await open();
  await page.page.keyboard.press("n");
  await page.page.getByLabel("Name", { exact: true }).waitFor();
  return page;
}

describe("the form", () => {
  it("submits a person, who appears in the list", async () => {
    const page = await openForm();
    await page.page.getByLabel("Name", { exact: true }).fill("Ada Lovelace");
    await page.page.getByLabel("E-mail", { exact: true }).fill("ada@example.org");
    await page.page.getByRole("button", { name: "Add a phone" }).click();
    await page.page.getByLabel("Phone 1", { exact: true }).fill("+44 20 7946 0001");
    await page.page.getByLabel("Type of phone 1").selectOption("work");
    await page.page.getByLabel("Date of birth").fill("1815-12-10");
    await page.page.getByLabel("The year 1815 is right").check();
    await page.page.getByRole("button", { name: "Submit", exact: true }).click();
    await page.page.getByText("Stored as #1").waitFor();
    await page.row("Ada Lovelace").waitFor();
    expect(await page.row("Ada Lovelace").getAttribute("class")).toContain("flash");
    expect(await page.page.getByLabel("Name", { exact: true }).inputValue()).toBe("");
    await page.row("Ada Lovelace").click();
    await page.page.getByText("December 10, 1815").waitFor();
    page.expectNoComplaints();
  });

  it("says what is wrong under its field, as soon as the field is left", async () => {
    const page = await openForm();
    const email = page.page.getByLabel("E-mail", { exact: true });
    await email.fill("ada");
    expect(await page.page.locator(".form .error").count()).toBe(0);
    await email.blur();
    await page.page.getByText("must be a valid e-mail address").waitFor();
    expect(await email.getAttribute("aria-invalid")).toBe("true");
    await page.page.getByRole("button", { name: "Submit", exact: true }).click();
    await page.page.getByText("2 fields need a correction").waitFor();
    const { results } = { results: await page.count() };
    expect(results).toBe(0);
  });

  it("shows what the server says at its field", async () => {
    const page = await openForm();
    await page.page.route("**/contact.v1.SubmitService/SubmitPerson", async (route) => {
      // As a server would answer that has a stricter rule than this page: the real
      // server's own refusal of an empty name, for the name.
      const answer = await fetch(`${server.url}/contact.v1.SubmitService/SubmitPerson`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ person: { name: "", email: "ada@example.org" } }),
      });
      await route.fulfill({ status: answer.status, contentType: "application/json", body: await answer.text() });
    });
    await page.page.getByLabel("Name", { exact: true }).fill("Ada");
    await page.page.getByLabel("E-mail", { exact: true }).fill("ada@example.org");
    await page.page.getByRole("button", { name: "Submit", exact: true }).click();
    await page.page.getByText("must not be blank").waitFor();
    expect(await page.page.getByLabel("Name", { exact: true }).getAttribute("aria-invalid")).toBe("true");
  });

  it("is fresh after each person, however they are submitted", async () => {
    const page = await openForm();
    const field = (name: string) => page.page.getByLabel(name, { exact: true });
    const submit = page.page.getByRole("button", { name: "Submit", exact: true });
    const ways: (() => Promise<void>)[] = [
      () => field("E-mail").press("Enter"),
      () => field("Name").press("Enter"),
      () => field("Phone 1").press("Enter"),
      () => page.page.getByLabel("Date of birth").press("Enter"),
      () => submit.press("Enter"),
      () => submit.press("Space"),
      () => submit.click(),
    ];
    for (const [i, way] of ways.entries()) {
      // Filled in and left, field by field, so that what is wrong in each would be said.
      await field("Name").fill("Ada");
      await field("E-mail").fill("ada@example.org");
      await page.page.getByRole("button", { name: "Add a phone" }).click();
      await field("Phone 1").fill("+44 20 7946 0001");
      await page.page.getByLabel("Date of birth").fill("17.5.1990");
      await way();
      await page.page.getByText(`Stored as #${i + 1}`).waitFor();
      await page.page.waitForTimeout(300); // longer than a mistake is kept back for
      expect(await page.page.locator(".panel .error, .panel [aria-invalid=true]").count(), `way ${i}`).toBe(0);
      expect(await field("Name").inputValue()).toBe("");
      expect(await field("Phone 1").count()).toBe(0);
      expect(await page.page.evaluate(() => document.activeElement?.outerHTML), `way ${i}`).toContain("data-autofocus");
    }
    await page.expectCount(ways.length);
    page.expectNoComplaints();
  });

  it("is fresh after two clicks, too", async () => {
    const page = await openForm();
    for (let n = 1; n <= 4; n++) {
      await page.page.getByLabel("Name", { exact: true }).fill("Ada");
      await page.page.getByLabel("E-mail", { exact: true }).fill("ada@example.org");
      await page.page.getByRole("button", { name: "Submit", exact: true }).dblclick({ delay: n * 25 });
      await page.page.getByText(`Stored as #${n}`).waitFor();
      await page.page.waitForTimeout(300);
      expect(await page.page.locator(".panel .error").count()).toBe(0);
      expect(await page.page.evaluate(() => document.activeElement?.outerHTML)).toContain("data-autofocus");
    }
    await page.expectCount(4);
  });

  it("stores one person however often it is sent", async () => {
    const page = await openForm();
    let answers = 0;
    await page.page.route("**/contact.v1.SubmitService/SubmitPerson", async (route) => {
      // The first answer is lost on the way.
      const answer = await route.fetch();
      if (answers++ === 0) await route.abort();
      else await route.fulfill({ response: answer });
    });
    await page.page.getByLabel("Name", { exact: true }).fill("Ada");
    await page.page.getByLabel("E-mail", { exact: true }).fill("ada@example.org");
    await page.page.getByRole("button", { name: "Submit", exact: true }).dblclick();
    await page.page.getByText("Was stored before, as #1").waitFor();
    await page.expectCount(1);
  });
});

describe("a person who is stored", () => {
  it("is shown, whatever is in the way", async () => {
    const page = await open("?search=nobody&filter=person.name+%3D%3D+%22Grace%22");
    await page.page.keyboard.press("p");
    await page.page.keyboard.press("n");
    await page.page.getByLabel("Name", { exact: true }).fill("Ada");
    await page.page.getByLabel("E-mail", { exact: true }).fill("ada@example.org");
    await page.page.keyboard.press("Enter");
    await page.page.getByText("Stored as #1").waitFor();
    await page.page.getByRole("button", { name: "Figures", exact: true }).click();
    await page.page.getByRole("button", { name: "Show", exact: true }).click();
    await page.row("Ada").waitFor();
    await eventually(async () => (await page.row("Ada").getAttribute("class"))?.includes("active") === true);
    expect(new URL(page.page.url()).search).toBe("");
    page.expectNoComplaints();
  });
});

describe("without a server", () => {
  it("the form opens, and says that it is unknown whether the person is stored", async () => {
    const page = await open();
    await page.page.waitForFunction(() => performance.getEntriesByType("resource").some(({ name }) => name.includes("/panel-")));
    await server.kill();
    await page.page.keyboard.press("n");
    await page.page.getByLabel("Name", { exact: true }).fill("Ada");
    await page.page.getByLabel("E-mail", { exact: true }).fill("ada@example.org");
    await page.page.getByRole("button", { name: "Submit", exact: true }).click();
    await page.page.getByText("it is unknown whether the person was stored").waitFor();
    await server.run();
    await page.page.getByRole("button", { name: "Submit", exact: true }).click();
    await page.page.getByText("Stored as #1").waitFor();
    await page.expectCount(1);
  });
});

describe("a file", () => {
  it("of vCards is shown, then submitted, and what is refused is said", async () => {
    const page = await openForm();
    const cards = ["Ada", "Grace", ""].map((name, i) => `BEGIN:VCARD\r\nVERSION:4.0\r\nFN:${name}\r\nEMAIL:p${i}@example.org\r\nEND:VCARD\r\n`);
    await page.page.setInputFiles("input[type=file]", { name: "people.vcf", mimeType: "text/vcard", buffer: Buffer.from(cards.join("")) });
    await page.page.getByText("3 persons in people.vcf").waitFor();
    await page.page.getByRole("button", { name: "Submit 3" }).click();
    await page.page.getByText("2 stored, 1 refused").waitFor();
    await page.page.getByText(/Line 11:/).waitFor();
    await page.expectCount(2);
  });

  it("is taken wherever it is dropped, and refused when its names would come out wrong", async () => {
    const page = await open();
    await page.page.waitForFunction(() => performance.getEntriesByType("resource").some(({ name }) => name.includes("/panel-")));
    for (const [bytes, words] of [
      [[...Buffer.from("name,email\nM"), 0xfc, ...Buffer.from("ller,m@example.org\n")], "not UTF-8"],
      [[...Buffer.from("name,email\nMüller,m@example.org\n")], "1 persons in people.csv"],
    ] as const) {
      await page.page.evaluate((bytes) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([new Uint8Array(bytes)], "people.csv"));
        document.querySelector("h1")?.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
      }, bytes);
      await page.page.getByText(words).waitFor();
      await page.page.keyboard.press("Escape");
      await page.page.locator("aside.panel").waitFor({ state: "detached" });
    }
    page.expectNoComplaints();
  });

  it("that is submitted again is stored once", async () => {
    const page = await openForm();
    const csv = `name,email\n${Array.from({ length: 450 }, (_, i) => `Person ${i},p${i}@example.org\n`).join("")}`;
    for (const outcome of ["450 stored, 0 refused", "0 stored, 450 were stored before, 0 refused"]) {
      await page.page.setInputFiles("input[type=file]", { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
      await page.page.getByRole("button", { name: "Submit 450" }).click();
      await page.page.getByText(outcome).waitFor();
      await page.page.locator(".upload").getByRole("button", { name: "Close" }).click();
    }
    await page.expectCount(450);
  });
});
