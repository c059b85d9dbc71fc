// What is typed for a day of birth is what is stored.

import { describe, expect, it } from "vitest";
import { context, type Dashboard, open, server, useDashboard } from "./dashboard";

useDashboard();

interface Stored {
  person: { name: string; birthdate?: { year: number; month: number; day: number } };
}

/** The persons of the stream, once it has so many. */
async function stored(count: number): Promise<Stored["person"][]> {
  const response = await fetch(`${server.url}/events?all`);
  const persons: Stored["person"][] = [];
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) if (line.includes('"person"')) persons.push((JSON.parse(line) as Stored).person);
    if (persons.length >= count) return persons;
  }
  throw new Error("the stream ended");
}

const words = {
  en: { newPerson: "New person", name: "Name", email: "E-mail", birthdate: "Date of birth", submit: "Submit", stored: "Stored as #" },
  de: { newPerson: "Neue Person", name: "Name", email: "E-Mail", birthdate: "Geburtsdatum", submit: "Abschicken", stored: "Gespeichert als Nr. " },
};

/** Opens the form in a language, and fills in what is required. */
async function openForm(locale: string): Promise<{ page: Dashboard; texts: (typeof words)["en"] }> {
  const page = await open("", { locale });
  const texts = locale.startsWith("de") ? words.de : words.en;
  await page.page.keyboard.press("n");
  await page.page.getByLabel(texts.name, { exact: true }).fill("Ada");
  await page.page.getByLabel(texts.email, { exact: true }).fill("ada@example.org");
  return { page, texts };
}

const may = { year: 1990, month: 5, day: 17 };

describe.each([
  ["en-US", "17 May 1990", "6 May 1990", { year: 1990, month: 5, day: 6 }],
  ["en-GB", "17 May 1990", "5 June 1990", { year: 1990, month: 6, day: 5 }],
  ["de-DE", "17. Mai 1990", "5. Juni 1990", { year: 1990, month: 6, day: 5 }],
  ["fr-FR", "17 May 1990", "6 May 1990", { year: 1990, month: 5, day: 6 }],
])("in a browser that speaks %s", (locale, mayInWords, ambiguousInWords, ambiguous) => {
  it("a day is stored as it is typed, and said in words before", async () => {
    const { page, texts } = await openForm(locale);
    const field = page.page.getByLabel(texts.birthdate);
    const days = [
      ["17.5.1990", mayInWords, may],
      ["5/17/90", mayInWords, may],
      ["1990-05-17", mayInWords, may],
      ["17 May 1990", mayInWords, may],
      ["5/6/90", ambiguousInWords, ambiguous],
    ] as const;
    for (const [i, [typed, said]] of days.entries()) {
      await page.page.getByLabel(texts.name, { exact: true }).fill(`Ada ${i}`);
      await page.page.getByLabel(texts.email, { exact: true }).fill("ada@example.org");
      await field.pressSequentially(typed);
      await page.page.locator(".birthdate output").getByText(said, { exact: true }).waitFor();
      await field.press("Enter");
      await page.page.getByText(`${texts.stored}${i + 1}`).waitFor();
    }
    expect((await stored(days.length)).map(({ birthdate }) => birthdate)).toEqual(days.map(([, , day]) => day));
    page.expectNoComplaints();
  });

  it("a day that is pasted is there, and what can't be read stays and is refused", async () => {
    const { page, texts } = await openForm(locale);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const field = page.page.getByLabel(texts.birthdate);
    const paste = async (text: string) => {
      await page.page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
      await field.focus();
      await page.page.keyboard.press("ControlOrMeta+a");
      await page.page.keyboard.press("ControlOrMeta+v");
    };
    await paste("some time in May");
    await field.press("Enter");
    await page.page.locator(".birthdate .error").getByText("1990-05-17").waitFor();
    expect(await field.inputValue()).toBe("some time in May");
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(await page.count()).toBe(0);

    await paste(" 17\u00A0May 1990 ");
    await page.page.locator(".birthdate output").getByText(mayInWords, { exact: true }).waitFor();
    expect(await page.page.locator(".birthdate .error").count()).toBe(0);
    await field.press("Enter");
    await page.page.getByText(`${texts.stored}1`).waitFor();
    expect((await stored(1))[0]?.birthdate).toEqual(may);
    page.expectNoComplaints();
  });
});

describe("a year of long ago", () => {
  it("is refused until it is confirmed", async () => {
    const { page } = await openForm("en-US");
    const field = page.page.getByLabel("Date of birth");
    await field.fill("10.12.1815");
    await field.press("Enter");
    await page.page.getByText("is in 1815. Confirm that the year is right").waitFor();
    expect(await page.count()).toBe(0);
    await page.page.getByLabel("The year 1815 is right").check();
    await field.fill("10.12.1816"); // which nobody has confirmed
    await field.press("Enter");
    await page.page.getByText("is in 1816. Confirm that the year is right").waitFor();
    await page.page.getByLabel("The year 1816 is right").check();
    await page.page.getByRole("button", { name: "Submit", exact: true }).click();
    await page.page.getByText("Stored as #1").waitFor();
    expect((await stored(1))[0]?.birthdate).toEqual({ year: 1816, month: 12, day: 10 });
  });

  it("is not asked about when it is of this century or the last", async () => {
    const { page } = await openForm("en-US");
    const field = page.page.getByLabel("Date of birth");
    for (const text of ["1.1.1900", "31.12.00", "1.1.27"]) {
      await field.fill(text);
      await page.page.locator(".birthdate output").waitFor();
      expect(await page.page.getByRole("checkbox").count()).toBe(0);
    }
  });
});

it("the field says what it is for to browsers and screen readers", async () => {
  const { page } = await openForm("en-US");
  const field = page.page.getByLabel("Date of birth");
  expect(await field.getAttribute("autocomplete")).toBe("bday");
  const described = async () => {
    const ids = (await field.getAttribute("aria-describedby")) ?? "";
    return page.page.evaluate((list) => list.split(" ").map((id) => document.getElementById(id)?.textContent), ids);
  };
  await field.fill("30.2.1990");
  await field.blur();
  await page.page.getByText("must be a day that exists in the calendar").waitFor();
  expect(await described()).toEqual(["2 March 1990", "must be a day that exists in the calendar"]);
});
