import { describe, expect, it } from "vitest";
import names from "../../../proto/contact/v1/testdata/names.json";
import { harmless } from "./harmless";

it.each([
  ["a name", "Ada Lovelace", "Ada Lovelace"],
  ["a name from right to left", "עדה לאבלייס", "עדה לאבלייס"],
  ["joiners within a name", "می\u200Cخواهم 👩\u200D🔬", "می\u200Cخواهم 👩\u200D🔬"],
  ["nothing", "", ""],
  ["line breaks and tabs", "Ada\r\n\tTEL", "Ada␍␊␉TEL"],
  ["escape sequences", "\x1b[31mAda\x7f", "␛[31mAda␡"],
  ["C1 controls", "Ada\u0085\u009B31m", "Ada\uFFFD\uFFFD31m"],
  ["separators of lines and paragraphs", "Ada\u2028Lovelace\u2029", "Ada\uFFFDLovelace\uFFFD"],
  ["overrides of direction", "Ada \u202Egro.elpmaxe\u202C", "Ada \uFFFDgro.elpmaxe\uFFFD"],
  ["isolates that stay open", "Ada \u2066\u2067\u2068", "Ada \uFFFD\uFFFD\uFFFD"],
  ["marks of direction", "\u200EAda\u200F\u061C", "\u200EAda\u200F\u061C"],
  ["invisible characters alone", "\u00A0\u200B\uFEFF\u2060", "\uFFFD\uFFFD\uFFFD\uFFFD"],
  ["spaces alone", "  ", "\uFFFD\uFFFD"],
  ["a filler alone", "\u3164", "\uFFFD"],
  ["invisible characters beside others", "A\u200Bda\u00A0L", "A\u200Bda\u00A0L"],
])("shows %s", (_, text, shown) => {
  expect(harmless(text)).toBe(shown);
});

interface Characters {
  first: string;
  last: string;
}

/** The ends of ranges, and their neighbours. */
const edges = [...new Set(names.invisible.flatMap(({ first, last }) => [first, last]).flatMap((hex) => [-1, 0, 1].map((beside) => Math.max(0, Number.parseInt(hex, 16) + beside))))];

const has = (ranges: readonly Characters[], char: number) => ranges.some(({ first, last }) => Number.parseInt(first, 16) <= char && char <= Number.parseInt(last, 16));

// The rules' own tests read the same file.
describe("as the API's rules have it", () => {
  it.each(names.accepted)("$what is shown as it is", ({ name }) => {
    expect(harmless(name)).toBe(name);
  });

  it.each(edges.map((char) => [char.toString(16), char] as const))("U+%s", (_, char) => {
    const text = String.fromCodePoint(char);
    expect(harmless(text) !== text, "alone").toBe(has(names.invisible, char));
    expect(harmless(`A${text}a`) !== `A${text}a`, "within a name").toBe(has([...names.controls, ...names.directions], char));
  });
});
