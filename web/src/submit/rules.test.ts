import { describe, expect, it } from "vitest";
import names from "../../../proto/contact/v1/testdata/names.json";
import { de } from "../texts/de";
import { type DraftBirthdate, emptyDraft, request, toRequest } from "./draft";
import { check } from "./rules";

function born(year: number, month: number, day: number): DraftBirthdate {
  return { text: "typed", date: { year, month, day }, confirmedYear: undefined };
}

it.each([
  ["name", { ...emptyDraft, email: "a@example.org" }, "person.name", "must not be blank"],
  ["e-mail", { ...emptyDraft, name: "Ada", email: "ada" }, "person.email", "valid email"],
  ["empty e-mail", { ...emptyDraft, name: "Ada" }, "person.email", "empty"],
  ["long name", { ...emptyDraft, name: "a".repeat(201), email: "a@example.org" }, "person.name", "200"],
  ["long e-mail", { ...emptyDraft, name: "Ada", email: `${"a".repeat(250)}@example.org` }, "person.email", "254"],
  ["year", { ...emptyDraft, name: "Ada", email: "a@example.org", birthdate: born(0, 1, 1) }, "person.birthdate.year", "greater than"],
  ["number of phones", { ...emptyDraft, name: "Ada", email: "a@example.org", phones: Array.from({ length: 21 }, (_, id) => ({ id, number: "12", type: "" as const })) }, "person.phones", "20"],
  ["control character", { ...emptyDraft, name: "A\tda", email: "a@example.org" }, "person.name", "control"],
  ["phone", { ...emptyDraft, name: "Ada", email: "a@example.org", phones: [{ id: 1, number: "x", type: "home" as const }] }, "person.phones[0].number", "must be a phone number"],
  ["date that was not read", { ...emptyDraft, name: "Ada", email: "a@example.org", birthdate: { text: "may", date: undefined, confirmedYear: undefined } }, "person.birthdate.day", "greater than"],
  ["day that does not exist", { ...emptyDraft, name: "Ada", email: "a@example.org", birthdate: born(1990, 2, 30) }, "person.birthdate", "exists in the calendar"],
  ["day to come", { ...emptyDraft, name: "Ada", email: "a@example.org", birthdate: born(2999, 1, 1) }, "person.birthdate", "not be after today"],
])("refuses a wrong %s as the server does", (_, draft, path, words) => {
  const mistake = check(toRequest(draft, "key")).get(path);
  expect(mistake?.message).toContain(words);
  expect(de.rules[mistake?.rule ?? ""], `German for ${mistake?.rule}`).toBeDefined();
});

it("takes a person, and leaves out phones that were not filled in", () => {
  const request = toRequest({ name: " Ada ", email: "ada@example.org ", birthdate: born(1815, 12, 10), phones: [{ id: 1, number: " ", type: "mobile" }] }, "key");
  expect(check(request).size).toBe(0);
  expect(request.person).toMatchObject({ name: "Ada", email: "ada@example.org", phones: [], birthdate: { year: 1815, month: 12, day: 10 } });
});

/** The first rule that a name breaks, as it is, and undefined for none. */
function brokenBy(name: string): string | undefined {
  const mistakes = check(request({ name, email: "ada@example.org", phones: [], birthdate: undefined }, "key"));
  expect([...mistakes.keys()].filter((path) => path !== "person.name")).toEqual([]);
  return mistakes.get("person.name")?.rule;
}

interface Characters {
  first: string;
  last: string;
}

const has = (ranges: readonly Characters[], char: number) => ranges.some(({ first, last }) => Number.parseInt(first, 16) <= char && char <= Number.parseInt(last, 16));

// The server's tests read the same file.
describe("names are held to the rule that the server holds them to", () => {
  it.each(names.accepted)("takes $what", ({ name }) => {
    expect(brokenBy(name)).toBeUndefined();
  });

  it.each(names.refused)("refuses $what", ({ name, rule }) => {
    expect(brokenBy(name)).toBe(rule);
    expect(de.rules[rule], `German for ${rule}`).toBeDefined();
  });

  const edges = names.invisible.flatMap(({ first, last }) => [Number.parseInt(first, 16), Number.parseInt(last, 16)]);
  const beside = new Set(edges.flatMap((char) => [Math.max(char - 1, 0), char, char + 1]));
  const characters = [...beside].map((char) => [`U+${char.toString(16)}`, char] as const);

  it.each(characters)("knows whether %s can be seen", (_, char) => {
    const text = String.fromCodePoint(char);
    const within = has(names.controls, char) ? "person.name.control" : has(names.directions, char) ? "person.name.direction" : undefined;
    expect(brokenBy(text)).toBe(has(names.invisible, char) ? "person.name.blank" : undefined);
    expect(brokenBy(`A${text}a`)).toBe(within);
  });

  it.each(characters.filter(([, char]) => char > 0x20 && has(names.invisible, char)))("takes %s in no address and no number", (_, char) => {
    const text = String.fromCodePoint(char);
    const mistakes = check(request({ name: "Ada", email: `a${text}da@example.org`, phones: [{ number: `12${text}3`, type: undefined }], birthdate: undefined }, "key"));
    expect([...mistakes.keys()].sort()).toEqual(["person.email", "person.phones[0].number"]);
  });
});
