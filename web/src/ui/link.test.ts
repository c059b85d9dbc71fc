import { describe, expect, it } from "vitest";
import { defaultStart, formatLink, type Link, parseLink, parseStart } from "./link";

describe("a link", () => {
  const links: [string, Link][] = [
    ["", { page: "persons", view: { start: defaultStart, filter: "" }, search: "" }],
    ["?start=now", { page: "persons", view: { start: { from: "now" }, filter: "" }, search: "" }],
    ["?start=last-7&search=a+b", { page: "persons", view: { start: { from: "last", count: 7 }, filter: "" }, search: "a b" }],
    ["?page=figures&filter=person.name+%3D%3D+%22%26%22", { page: "figures", view: { start: defaultStart, filter: 'person.name == "&"' }, search: "" }],
  ];
  it.each(links)("%s is read as it was written", (query, link) => {
    expect(parseLink(query)).toEqual(link);
    expect(formatLink(link)).toBe(query);
  });

  it.each(["last-0", "last-", "last-1e9", "last-1234567", "yesterday", null])("with the start %s has the default", (text) => {
    expect(parseStart(text)).toEqual(defaultStart);
  });
});
