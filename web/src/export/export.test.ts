import { expect, it } from "vitest";
import type { Person, Row } from "../watch/row";
import { toCSV, unguard } from "./csv";
import { toNDJSON } from "./json";
import { toVCards } from "./vcard";

const ada: Person = { name: "Ada", email: "ada@example.org", phones: [{ number: "+49 30 1", type: undefined }, { number: "110", type: "home" }], birthdate: { year: 1815, month: 12, day: 10 } };

function row(person: Partial<Person>): Row {
  return { kind: "person", epoch: "e", sequence: 7, publishedAt: Date.UTC(2026, 4, 17, 8), person: { ...ada, ...person } };
}

it("CSV is what `rollcall watch` writes", () => {
  expect(toCSV([row({})])).toBe(
    'sequence,published_at,name,email,phones,birthdate\n7,2026-05-17T08:00:00.000Z,Ada,ada@example.org,+49 30 1; home:110,1815-12-10\n',
  );
});

it.each(["=HYPERLINK(1)", "@SUM(1)", "+1+cmd|' /C calc'!A0", "-2+f()", " =1", "\t=1", "+49;=1"])("CSV has no formula: %j", (text) => {
  const csv = toCSV([row({ name: text, email: "a", phones: [{ number: text, type: undefined }] })]);
  expect(csv.replaceAll('"', "").split("\n")[1]).toBe(`7,2026-05-17T08:00:00.000Z,'${text},a,'${text},1815-12-10`);
  expect(unguard(`'${text}`)).toBe(text);
});

it.each(["+49 30 1234567", "+1 (202) 555-0100 x9", "-1", "110"])("CSV leaves a phone number as it is: %s", (number) => {
  expect(toCSV([row({ phones: [{ number, type: undefined }, { number, type: "work" }] })])).toContain(`,${number}; work:${number},`);
});

it.each(["'", "'tis", "O'Neil", "''=1", ""])("a name with an apostrophe of its own stays: %j", (name) => {
  expect(unguard(name)).toBe(name);
});

it("NDJSON is the API's, gaps and what could not be read included", () => {
  const rows: Row[] = [
    { kind: "gap", epoch: "e", first: 2, last: 6, reason: "deleted" },
    row({}),
    { kind: "rejected", epoch: "e", sequence: 8, publishedAt: 0, reason: "why", size: 5 },
    { kind: "gap", epoch: "e", first: 9, last: 0, reason: "epochChanged" },
  ];
  expect(toNDJSON(rows).trim().split("\n").map((line) => JSON.parse(line) as unknown)).toEqual([
    { gap: { first: "2", last: "6", reason: "GAP_REASON_DELETED" } },
    {
      sequence: "7", publishedAt: "2026-05-17T08:00:00.000Z",
      person: { name: "Ada", email: "ada@example.org", phones: [{ number: "+49 30 1" }, { number: "110", type: "PHONE_TYPE_HOME" }], birthdate: { year: 1815, month: 12, day: 10 } },
    },
    { sequence: "8", publishedAt: "1970-01-01T00:00:00.000Z", rejected: { reason: "why", size: 5 } },
    { gap: { first: "9", reason: "GAP_REASON_EPOCH_CHANGED" } },
  ]);
});

it("a vCard has no property that a name brings along", () => {
  const card = toVCards([row({ name: "Ada\r\nTEL:1\rNOTE:x" })]);
  expect(card).toContain("FN:Ada\\nTEL:1\\nNOTE:x\r\n");
  expect(card.split(/\r\n|\r|\n/).filter((line) => /^(TEL|NOTE)/.test(line))).toEqual(["TEL:+49 30 1", "TEL;TYPE=home:110"]);
});
