import { describe, expect, it } from "vitest";
import { toCSV } from "../export/csv";
import { toVCards } from "../export/vcard";
import type { Person, Row } from "../watch/row";
import { readBytes, readFile } from "./read";

const people: Person[] = [
  { name: "Ada Lovelace", email: "ada@example.org", phones: [{ number: "+44 20 7946 0001", type: "work" }, { number: "123", type: undefined }], birthdate: { year: 1815, month: 12, day: 10 } },
  { name: 'Zoë "Z", Ångström; \\ 王', email: "zoe@example.org", phones: [], birthdate: undefined },
  { name: "A".repeat(60) + "é".repeat(60), email: "long@example.org", phones: [{ number: "+1 (202) 555-0100 x9", type: "mobile" }], birthdate: { year: 33, month: 1, day: 2 } },
];

// what a spreadsheet would compute
people.push({ name: "=1+1", email: "+a@example.org", phones: [{ number: "+49 30 1", type: undefined }], birthdate: undefined });

const rows: Row[] = people.map((person, i) => ({ kind: "person", epoch: "e", sequence: i + 1, publishedAt: 1_700_000_000_000, person }));

describe("what is exported is read again", () => {
  it.each([
    ["CSV", toCSV],
    ["vCard", toVCards],
  ])("as %s", (_, write) => {
    const text = write(rows);
    for (const line of text.split("\r\n")) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(write === toVCards ? 75 : 1000);
    expect(readFile(text).map(({ person }) => person)).toEqual(people);
  });
});

describe("files of others", () => {
  it("vCard 3.0 with groups, folded lines, no FN", () => {
    const card = [
      "BEGIN:VCARD", "VERSION:3.0", "N:Hopper;Grace;;;", "item1.EMAIL;TYPE=INTERNET:old@example.org", "EMAIL;TYPE=PREF:grace@exam", " ple.org",
      "TEL;TYPE=CELL,VOICE:+1 202 555 0100", 'TEL;TYPE="home";VALUE=uri:tel:+1-202-555-0101;ext=5', "BDAY:1906-12-09T00:00:00Z", "PHOTO:xyz", "END:VCARD", "",
    ].join("\r\n");
    expect(readFile(`\uFEFF${card}${card}`)).toEqual(
      [1, 12].map((line) => ({
        line,
        person: {
          name: "Grace Hopper", email: "grace@example.org",
          phones: [{ number: "+1 202 555 0100", type: "mobile" }, { number: "+1-202-555-0101", type: "home" }],
          birthdate: { year: 1906, month: 12, day: 9 },
        },
      })),
    );
  });

  it.each(["BDAY:--0517", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-17", "BDAY;VALUE=text:circa 1800"])("a birthday without a year is refused, not lost: %s", (line) => {
    const [entry] = readFile(`BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nEMAIL:ada@example.org\n${line}\nEND:VCARD\n`);
    expect(entry?.person.birthdate).toEqual({ year: 0, month: 0, day: 0 });
  });

  it.each([
    ["notUTF8", new Uint8Array([...new TextEncoder().encode("name,email\nM"), 0xfc, ...new TextEncoder().encode("ller,m@example.org\n")])],
    ["oldVCard", new TextEncoder().encode("BEGIN:VCARD\r\nVERSION:2.1\r\nFN;ENCODING=QUOTED-PRINTABLE:M=C3=BCller\r\nEND:VCARD\r\n")],
    ["nobody", new TextEncoder().encode("hello")],
  ])("nothing is read rather than other names: %s", (trouble, bytes) => {
    expect(readBytes(bytes)).toEqual({ entries: [], trouble });
  });

  it("CSV with German titles, semicolons and a line break in a value", () => {
    const text = 'Vorname;Nachname;E-Mail;Handy;Geburtsdatum;Notiz\nAda;Lovelace;ada@example.org;0170 1;1815-12-10;"a\nb"\n\nGrace;;g@example.org;;nie;\n';
    expect(readFile(text)).toEqual([
      { line: 2, person: { name: "Ada Lovelace", email: "ada@example.org", phones: [{ number: "0170 1", type: "mobile" }], birthdate: { year: 1815, month: 12, day: 10 } } },
      { line: 5, person: { name: "Grace", email: "g@example.org", phones: [], birthdate: { year: 0, month: 0, day: 0 } } },
    ]);
  });

  it.each(["", "hello", "a,b\n1,2\n"])("has nobody: %j", (text) => {
    expect(readFile(text)).toEqual([]);
  });
});
