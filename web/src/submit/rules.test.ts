import { expect, it } from "vitest";
import { emptyDraft, toRequest } from "./draft";
import { check } from "./rules";

it.each([
  ["name", { ...emptyDraft, email: "a@example.org" }, "person.name", "must not be blank"],
  ["e-mail", { ...emptyDraft, name: "Ada", email: "ada" }, "person.email", "valid email"],
  ["phone", { ...emptyDraft, name: "Ada", email: "a@example.org", phones: [{ id: 1, number: "x", type: "home" as const }] }, "person.phones[0].number", "must be a phone number"],
  ["day that does not exist", { ...emptyDraft, name: "Ada", email: "a@example.org", birthdate: "1990-02-30" }, "person.birthdate", "exists in the calendar"],
  ["day to come", { ...emptyDraft, name: "Ada", email: "a@example.org", birthdate: "2999-01-01" }, "person.birthdate", "not be after today"],
])("refuses a wrong %s as the server does", (_, draft, path, words) => {
  expect(check(toRequest(draft, "key")).get(path)).toContain(words);
});

it("takes a person, and leaves out phones that were not filled in", () => {
  const request = toRequest({ name: " Ada ", email: "ada@example.org ", birthdate: "1815-12-10", phones: [{ id: 1, number: " ", type: "mobile" }] }, "key");
  expect(check(request).size).toBe(0);
  expect(request.person).toMatchObject({ name: "Ada", email: "ada@example.org", phones: [], birthdate: { year: 1815, month: 12, day: 10 } });
});
