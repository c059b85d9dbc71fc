// An import that is interrupted says so, and goes on.

import { expect, it } from "vitest";
import { type Dashboard, open, server, useDashboard } from "./dashboard";
import { person } from "./server";

useDashboard();

/** Begins to submit 450 persons, of whom 200 are answered until the others may be. */
async function begin(page: Dashboard): Promise<() => void> {
  let goOn = () => {};
  const allowed = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let calls = 0;
  await page.page.route("**/SubmitPersons", async (route) => {
    if (calls++ > 0) await allowed;
    await route.continue().catch(() => {}); // it was stopped meanwhile
  });
  const csv = `name,email\n${Array.from({ length: 450 }, (_, i) => `Person ${i},p${i}@example.org\n`).join("")}`;
  await page.page.keyboard.press("n");
  await page.page.setInputFiles("input[type=file]", { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await page.page.getByRole("button", { name: "Submit 450" }).click();
  await page.page.getByText("200 of 450").waitFor();
  return goOn;
}

const question = ({ page }: Dashboard) => page.getByRole("alertdialog");

/** Waits until the page has heard that the question is closed: until then keys are the question's. */
const answered = ({ page }: Dashboard) => page.locator("dialog").waitFor({ state: "detached" });

it.each([
  ["Esc", (page: Dashboard) => page.page.keyboard.press("Escape")],
  ["Esc in the list", async (page: Dashboard) => {
    await page.page.locator(".scroller").focus();
    await page.page.keyboard.press("Escape");
  }],
  ["the close button", (page: Dashboard) => page.page.locator(".panel-head").getByRole("button", { name: "Close" }).click()],
])("%s during an import asks, and says how many are stored and how to go on", async (_, leave) => {
  const page = await open();
  const goOn = await begin(page);
  await leave(page);
  await question(page).getByText("200 of 450 in people.csv are stored. Stop before the others are?").waitFor();
  await page.page.keyboard.press("Escape"); // which stops nothing
  await answered(page);
  await leave(page);
  await question(page).getByRole("button", { name: "Keep importing" }).click();
  await answered(page);
  await leave(page);
  await question(page).getByRole("button", { name: "Stop" }).click();
  await page.page.getByText("Stopped: 200 of 450 are stored, 250 are still to come.").waitFor();
  await page.page.getByText("what is stored is not stored twice").waitFor();
  await page.page.keyboard.press("Escape");
  await page.page.locator("aside.panel").waitFor({ state: "detached" });
  await page.page.keyboard.press("n");
  goOn();
  await page.page.getByRole("button", { name: "Go on" }).click();
  await page.page.getByText("450 stored, 0 refused").waitFor();
  await page.expectCount(450);
  page.expectNoComplaints();
});

it("goes on behind other panels, and asks about its end no more once it is done", async () => {
  await server.submit(person(1));
  const page = await open("?start=all");
  await page.row("Person 1").waitFor();
  const goOn = await begin(page);
  await page.page.locator(".rows .row").first().click();
  await page.page.locator("aside.panel").getByText("Stored").waitFor();
  await page.page.keyboard.press("?");
  await page.page.keyboard.press("n");
  await page.page.getByText("200 of 450").waitFor();
  await page.page.keyboard.press("Escape");
  await question(page).waitFor();
  goOn();
  await page.page.getByText("450 stored, 0 refused").waitFor();
  expect(await question(page).count()).toBe(0);
  await page.expectCount(451);
  page.expectNoComplaints();
});

it("is not given up for another file, and closed only after a question", async () => {
  const page = await open();
  await begin(page);
  const drop = (name: string) =>
    page.page.evaluate((name) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["name,email\nAda,ada@example.org\n"], name));
      document.querySelector("h1")?.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
    }, name);
  await drop("other.csv");
  await page.page.getByText("other.csv was not taken").waitFor();
  await page.page.getByRole("button", { name: "Stop" }).click();
  const close = page.page.locator(".upload").getByRole("button", { name: "Close" });
  await close.click();
  await question(page).getByText("250 in people.csv are not submitted yet").waitFor();
  await question(page).getByRole("button", { name: "Keep" }).click();
  await page.page.getByText("250 are still to come").waitFor();
  await close.click();
  await question(page).getByRole("button", { name: "Close" }).click();
  await page.page.getByText("Many at once").waitFor();
  await drop("other.csv");
  await page.page.getByText("1 persons in other.csv").waitFor();
  page.expectNoComplaints();
});

it("is asked about before the page is left", async () => {
  const page = await open();
  const goOn = await begin(page);
  const dialogs: string[] = [];
  page.page.on("dialog", (dialog) => {
    dialogs.push(dialog.type());
    void dialog.dismiss();
  });
  await page.page.close({ runBeforeUnload: true });
  await expect.poll(() => dialogs).toEqual(["beforeunload"]);
  goOn();
  await page.page.getByText("450 stored, 0 refused").waitFor();
  await page.page.reload();
  await page.expectConnection("Live");
  expect(dialogs).toEqual(["beforeunload"]);
});
