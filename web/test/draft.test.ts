// What is being filled in is lost by nothing but a "Discard".

import { describe, expect, it } from "vitest";
import { type Dashboard, open, server, useDashboard } from "./dashboard";
import { eventually, person } from "./server";

useDashboard();

async function openForm(page: Dashboard): Promise<void> {
  await page.page.keyboard.press("n");
  await page.page.getByLabel("Name", { exact: true }).waitFor();
}

async function fill({ page }: Dashboard): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill("Ada");
  await page.getByLabel("E-mail", { exact: true }).fill("ada@exam");
  await page.getByRole("button", { name: "Add a phone" }).click();
  await page.getByLabel("Phone 1", { exact: true }).fill("+44 20");
  await page.getByLabel("Type of phone 1").selectOption("work");
  await page.getByLabel("Date of birth").fill("10.12.1815");
  await page.getByLabel("The year 1815 is right").check();
}

async function expectFilled({ page }: Dashboard): Promise<void> {
  const values = ["Name", "E-mail", "Phone 1", "Type of phone 1"].map((label) => page.getByLabel(label, { exact: true }).inputValue());
  expect(await Promise.all(values)).toEqual(["Ada", "ada@exam", "+44 20", "work"]);
  expect(await page.getByLabel("Date of birth").inputValue()).toBe("10.12.1815");
  expect(await page.getByLabel("The year 1815 is right").isChecked()).toBe(true);
}

const interruptions: Record<string, (page: Dashboard) => Promise<void>> = {
  "Esc in a field": ({ page }) => page.getByLabel("E-mail", { exact: true }).press("Escape"),
  "Esc outside": async ({ page }) => {
    await page.locator(".scroller").focus();
    await page.keyboard.press("Escape");
  },
  "the panel's close button": ({ page }) => page.getByRole("button", { name: "Close" }).click(),
  "a click on a row": async (page) => {
    await page.row("Person 1").click();
    await page.page.getByText("+49 30 1001").last().waitFor();
  },
  help: ({ page }) => page.getByRole("button", { name: "Keyboard shortcuts" }).click(),
  figures: async ({ page }) => {
    await page.getByRole("button", { name: "Figures", exact: true }).click();
    await page.getByRole("button", { name: "Persons", exact: true }).click();
  },
  "the page's other language": async ({ page }) => {
    await page.getByRole("button", { name: "EN: the page speaks English" }).click();
    await page.getByText("10. Dezember 1815").waitFor();
    await page.getByRole("button", { name: "DE: die Seite spricht Deutsch" }).click();
    await page.getByText("10 December 1815").waitFor();
  },
  "a file that is chosen": async ({ page }) => {
    await page.setInputFiles("input[type=file]", { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from("name,email\nA,a@example.org\n") });
    await page.getByRole("button", { name: "Cancel" }).click();
  },
  "a file dialog that is given up": async ({ page }) => {
    const chooser = page.waitForEvent("filechooser");
    await page.getByText("Choose a file").click();
    await (await chooser).setFiles([]);
  },
  "a reload": async (page) => {
    await page.page.reload();
    await page.expectConnection("Live");
  },
};

describe("a half-filled form survives", () => {
  it.each(Object.entries(interruptions))("%s", async (_, interrupt) => {
    await server.submit(person(1));
    const page = await open();
    await page.row("Person 1").waitFor();
    await openForm(page);
    await fill(page);
    await interrupt(page);
    if ((await page.page.locator(".form").count()) === 0) {
      await page.page.getByRole("button", { name: "New person" }).first().click();
      await page.page.getByLabel("Name", { exact: true }).waitFor();
    }
    await expectFilled(page);
    page.expectNoComplaints();
  });
});

describe("a form", () => {
  it("is discarded only after a question", async () => {
    const page = await open();
    await openForm(page);
    expect(await page.page.getByRole("button", { name: "Discard" }).count()).toBe(0);
    await fill(page);
    const question = page.page.getByRole("alertdialog");
    for (const answer of ["Keep", "Escape"]) {
      await page.page.getByRole("button", { name: "Discard" }).click();
      await question.getByText("Discard what you filled in?").waitFor();
      if (answer === "Escape") await page.page.keyboard.press("Escape");
      else await question.getByRole("button", { name: answer }).click();
      await page.page.locator("dialog").waitFor({ state: "detached" }); // and the page has heard of it
      await expectFilled(page);
    }
    await page.page.getByRole("button", { name: "Discard" }).click();
    await question.getByRole("button", { name: "Discard" }).click();
    for (let reloaded = 0; reloaded < 2; reloaded++) {
      expect(await page.page.getByLabel("Name", { exact: true }).inputValue()).toBe("");
      expect(await page.page.getByLabel("Date of birth").inputValue()).toBe("");
      expect(await page.page.locator(".panel .error").count()).toBe(0);
      await page.page.reload();
      await page.expectConnection("Live");
      await openForm(page);
    }
    page.expectNoComplaints();
  });

  it("is not asked about before a reload, which it survives, unless it could not be kept", async () => {
    const page = await open();
    const dialogs: string[] = [];
    page.page.on("dialog", (dialog) => {
      dialogs.push(dialog.type());
      void dialog.dismiss();
    });
    await openForm(page);
    await fill(page);
    await page.page.reload();
    await page.expectConnection("Live");
    expect(dialogs).toEqual([]);
    await openForm(page);
    await page.page.evaluate(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException("full", "QuotaExceededError");
      };
    });
    await page.page.getByLabel("E-mail", { exact: true }).press("x");
    await page.page.close({ runBeforeUnload: true });
    await expect.poll(() => dialogs).toEqual(["beforeunload"]);
  });

  it("that was stored is gone after a reload", async () => {
    const page = await open();
    await openForm(page);
    await page.page.getByLabel("Name", { exact: true }).fill("Ada");
    await page.page.getByLabel("E-mail", { exact: true }).fill("ada@example.org");
    await page.page.keyboard.press("Enter");
    await page.page.getByText("Stored as #1").waitFor();
    await page.page.reload();
    await page.expectConnection("Live");
    await openForm(page);
    expect(await page.page.getByLabel("Name", { exact: true }).inputValue()).toBe("");
    expect(await page.page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it("goes on being sent behind a closed panel", async () => {
    const page = await open();
    await openForm(page);
    let answer = () => {};
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.page.route("**/SubmitPerson", async (route) => {
      await asked;
      await route.continue();
    });
    await page.page.getByLabel("Name", { exact: true }).fill("Ada");
    await page.page.getByLabel("E-mail", { exact: true }).fill("ada@example.org");
    await page.page.keyboard.press("Enter");
    await page.page.getByText("Submitting…").waitFor();
    await page.page.getByLabel("Name", { exact: true }).press("X"); // what is being sent does not change
    await page.page.keyboard.press("Escape");
    await page.page.locator("aside.panel").waitFor({ state: "detached" });
    answer();
    await page.row("Ada").waitFor();
    await eventually(async () => (await page.row("Ada").getAttribute("class"))?.includes("flash") === true);
    await openForm(page);
    await page.page.getByText("Stored as #1").waitFor();
    expect(await page.page.getByLabel("Name", { exact: true }).inputValue()).toBe("");
  });

  it("is sent under the same key after a reload, where the answer was lost", async () => {
    const page = await open();
    await openForm(page);
    await page.page.route("**/SubmitPerson", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await page.page.getByLabel("Name", { exact: true }).fill("Ada");
    await page.page.getByLabel("E-mail", { exact: true }).fill("ada@example.org");
    await page.page.keyboard.press("Enter");
    await page.page.getByText("it is unknown whether the person was stored").waitFor();
    await page.page.getByText("Submit again").waitFor();
    await page.page.unroute("**/SubmitPerson");
    await page.page.reload();
    await page.expectConnection("Live");
    await openForm(page);
    await page.page.getByText("no answer had come when the page was left").waitFor();
    await page.page.getByRole("button", { name: "Submit", exact: true }).click();
    await page.page.getByText("Was stored before, as #1").waitFor();
    await page.expectCount(1);
    page.expectNoComplaints();
  });

  it("says that what was sent before a change may be stored, too", async () => {
    const page = await open();
    await openForm(page);
    await page.page.route("**/SubmitPerson", (route) => route.abort());
    await page.page.getByLabel("Name", { exact: true }).fill("Ada");
    await page.page.getByLabel("E-mail", { exact: true }).fill("ada@example.org");
    await page.page.keyboard.press("Enter");
    await page.page.getByText("it is unknown whether the person was stored").waitFor();
    await page.page.getByLabel("Name", { exact: true }).fill("Ada Lovelace");
    await page.page.getByText("What was sent before you changed it may be stored, too").waitFor();
    await page.page.getByRole("button", { name: "Discard" }).click();
    await page.page.getByText("may have been stored all the same").waitFor();
  });
});
