import { describe, expect, it } from "vitest";
import { dateInWords, exampleDate, readTypedDate } from "./typeddate";

const today = { year: 2026, month: 5, day: 17 };
const may = "1990-5-17";

function read(text: string, locale: string): string | undefined {
  const date = readTypedDate(text, locale, today);
  return date && `${date.year}-${date.month}-${date.day}`;
}

describe.each(["en", "en-US", "en-GB", "de", "de-AT"])("on a page in %s", (locale) => {
  it.each([
    ["1990-05-17", may], ["1990-5-17", may], ["19900517", may], ["1990/05/17", may], ["1990. 05. 17.", may],
    ["1990-05-17T00:00:00.000Z", may], ["1990-05-17 00:00:00", may],
    ["17.5.1990", may], ["17.05.1990", may], ["17. 5. 1990", may], ["17.5.1990.", may], ["17.5.90", may], ["5.6.1990", "1990-6-5"],
    ["5/17/90", may], ["17/5/1990", may], ["5/17/1990 12:00:00 AM", may], ["17-05-1990", may], ["17 5 1990", may],
    ["17 May 1990", may], ["17 may 90", may], ["May 17, 1990", may], ["may 17th 1990", may], ["the 17th of May, 1990", may], ["17-May-1990", may], ["1990 May 17", may],
    ["Thu, 17 May 1990", may], ["Donnerstag, 17. Mai 1990", may],
    ["17. Mai 1990", may], ["3. März 1990", "1990-3-3"], ["3. marz 1990", "1990-3-3"], ["1. Dez. 1990", "1990-12-1"], ["1. Jänner 1990", "1990-1-1"], ["Sept 1, 1990", "1990-9-1"],
    [" 17\u00A0May\u202F1990 ", may], ["\u200E17\u200E.\u200E5\u200E.1990", may], ["1990‑05‑17", may], ["1990−05−17", may], ["１７．５．１９９０", may],
    ["10 December 1815", "1815-12-10"], ["0033-01-02", "33-1-2"],
    // the latest that makes no day after today
    ["17.5.26", "2026-5-17"], ["18.5.26", "1926-5-18"], ["1.1.27", "1927-1-1"], ["1.1.00", "2000-1-1"],
    // days that are none are for the rules to refuse
    ["30.2.1990", "1990-2-30"],
  ])("reads %s", (text, date) => {
    expect(read(text, locale)).toBe(date);
  });

  it.each(["", "x", "1990", "17.5.", "May 1990", "17 M 1990", "17.5.990", "17.5.19900", "13/13/1990", "32.5.1990", "0.5.1990", "17.0.1990", "0000-05-17", "17.5.1990 or so", "17.5.1990 18.5.1990", "1990-05-17+1", "1815?", "199005171"])(
    "does not read %j",
    (text) => {
      expect(read(text, locale)).toBeUndefined();
    },
  );
});

it.each([
  ["en", "5/6/90", "1990-5-6", "5/17/1990"],
  ["en-US", "05-06-1990", "1990-5-6", "5/17/1990"],
  ["en-GB", "5/6/90", "1990-6-5", "17/05/1990"],
  ["en-AU", "5/6/1990", "1990-6-5", "17/05/1990"],
  ["de", "5/6/90", "1990-6-5", "17.5.1990"],
  ["de-CH", "5-6-1990", "1990-6-5", "17.5.1990"],
])("on a page in %s, %s goes by the language", (locale, text, date, example) => {
  expect(read(text, locale)).toBe(date);
  expect(exampleDate(locale)).toBe(example);
  expect(read(example, locale)).toBe(may);
});

it.each([
  ["en", "17 May 1990"],
  ["de", "17. Mai 1990"],
])("in %s it is said as %s, which is read again", (language, words) => {
  expect(dateInWords({ year: 1990, month: 5, day: 17 }, language)).toBe(words);
  expect(read(words, language)).toBe(may);
  for (let month = 1; month <= 12; month++) {
    expect(read(dateInWords({ year: 33, month, day: 2 }, language).replace(/33$/, "0033"), language)).toBe(`33-${month}-2`);
  }
});
