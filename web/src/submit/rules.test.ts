import { expect, it } from "vitest";
import { de } from "../texts/de";
import { emptyDraft, toRequest } from "./draft";
import { check } from "./rules";

it.each([
  ["name", { ...emptyDraft, email: "a@example.org" }, "person.name", "must not be blank"],
  ["e-mail", { ...emptyDraft, name: "Ada", email: "ada" }, "person.email", "valid email"],
  ["empty e-mail", { ...emptyDraft, name: "Ada" }, "person.email", "empty"],
  ["long name", { ...emptyDraft, name: "a".repeat(201), email: "a@example.org" }, "person.name", "200"],
  ["long e-mail", { ...emptyDraft, name: "Ada", email: `${"a".repeat(250)}@example.org` }, "person.email", "254"],
  ["year", { ...emptyDraft, name: "Ada", email: "a@example.org", birthdate: "0000-01-01" }, "person.birthdate.year", "greater than"],
  ["number of phones", { ...emptyDraft, name: "Ada", email: "a@example.org", phones: Array.from({ length: 21 }, (_, id) => ({ id, number: "12", type: "" as const })) }, "person.phones", "20"],
  ["control character", { ...emptyDraft, name: "A\tda", email: "a@example.org" }, "person.name", "control"],
  ["phone", { ...emptyDraft, name: "Ada", email: "a@example.org", phones: [{ id: 1, number: "x", type: "home" as const }] }, "person.phones[0].number", "must be a phone number"],
  ["day that does not exist", { ...emptyDraft, name: "Ada", email: "a@example.org", birthdate: "1990-02-30" }, "person.birthdate", "exists in the calendar"],
  ["day to come", { ...emptyDraft, name: "Ada", email: "a@example.org", birthdate: "2999-01-01" }, "person.birthdate", "not be after today"],
])("refuses a wrong %s as the server does", (_, draft, path, words) => {
  const mistake = check(toRequest(draft, "key")).get(path);
  expect(mistake?.message).toContain(words);
  expect(de.rules[mistake?.rule ?? ""], `German for ${mistake?.rule}`).toBeDefined();
});

it("takes a person, and leaves out phones that were not filled in", () => {
  const request = toRequest({ name: " Ada ", email: "ada@example.org ", birthdate: "1815-12-10", phones: [{ id: 1, number: " ", type: "mobile" }] }, "key");
  expect(check(request).size).toBe(0);
  expect(request.person).toMatchObject({ name: "Ada", email: "ada@example.org", phones: [], birthdate: { year: 1815, month: 12, day: 10 } });
});
