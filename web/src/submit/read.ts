// Files of persons: vCard 3.0 and 4.0, and CSV with a line of titles. What
// `rollcall submit` reads, as far as people have it at hand in a browser.

import Papa from "papaparse";
import { unguard } from "../export/csv";
import type { BirthDate, Person, Phone, PhoneType } from "../watch/row";
import { noDate } from "./draft";

/** A person of a file, and the line at which it begins. */
export interface Entry {
  readonly line: number;
  readonly person: Person;
}

/** What makes a whole file unreadable. */
export type Trouble = "nobody" | "notUTF8" | "oldVCard" | "unreadable";

/** Reads nothing rather than other names than are in the file. */
export function readBytes(bytes: BufferSource): { entries: Entry[]; trouble: Trouble | undefined } {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { entries: [], trouble: "notUTF8" };
  }
  if (/^VERSION:\s*2\.1/im.test(text)) return { entries: [], trouble: "oldVCard" };
  const entries = readFile(text);
  return { entries, trouble: entries.length === 0 ? "nobody" : undefined };
}

export function readFile(text: string): Entry[] {
  const plain = text.replace(/^\uFEFF/, "");
  return /^\s*BEGIN:VCARD/i.test(plain) ? readVCards(plain) : readCSV(plain);
}

interface Unfinished {
  name: string;
  given: string;
  family: string;
  email: string;
  phones: Phone[];
  birthdate: BirthDate | undefined;
}

const unfinished = (): Unfinished => ({ name: "", given: "", family: "", email: "", phones: [], birthdate: undefined });

function finish({ name, given, family, email, phones, birthdate }: Unfinished): Person {
  return { name: name || [given, family].filter(Boolean).join(" "), email, phones, birthdate };
}

type Column = Exclude<keyof Unfinished, "phones"> | "phone" | "mobile" | "home" | "work" | "phones";

/** What is understood, in English and German, without spaces and signs. */
const columns: Readonly<Record<string, Column>> = {
  name: "name", fullname: "name", displayname: "name",
  firstname: "given", givenname: "given", vorname: "given",
  lastname: "family", familyname: "family", surname: "family", nachname: "family",
  email: "email", mail: "email", emailaddress: "email", emailadresse: "email",
  phone: "phone", phonenumber: "phone", telephone: "phone", tel: "phone", telefon: "phone", telefonnummer: "phone",
  mobile: "mobile", mobilephone: "mobile", phonemobile: "mobile", cell: "mobile", cellphone: "mobile", mobil: "mobile", mobiltelefon: "mobile", handy: "mobile",
  homephone: "home", phonehome: "home", telefonprivat: "home",
  workphone: "work", phonework: "work", businessphone: "work", telefongeschäftlich: "work",
  phones: "phones",
  birthdate: "birthdate", birthday: "birthdate", dateofbirth: "birthdate", bday: "birthdate", geburtsdatum: "birthdate", geburtstag: "birthdate",
};

export function readCSV(text: string): Entry[] {
  const { data } = Papa.parse<string[]>(text, { skipEmptyLines: false });
  const [titles, ...records] = data;
  if (titles === undefined) return [];
  const understood = titles.map((title) => columns[title.replace(/[^\p{L}]/gu, "").toLowerCase()]);
  if (!understood.some((column) => column !== undefined)) return [];
  const entries: Entry[] = [];
  let line = 1 + lines(titles);
  for (const record of records) {
    if (record.some((value) => value.trim() !== "")) {
      const person = unfinished();
      record.forEach((value, i) => {
        const column = understood[i];
        if (column !== undefined && value.trim() !== "") set(person, column, unguard(value.trim()));
      });
      entries.push({ line, person: finish(person) });
    }
    line += lines(record);
  }
  return entries;
}

/** How many lines a record takes: its values may have line breaks in them. */
function lines(record: readonly string[]): number {
  return 1 + record.reduce((sum, value) => sum + (value.match(/\n/g)?.length ?? 0), 0);
}

function set(person: Unfinished, column: Column, value: string): void {
  switch (column) {
    case "phones":
      for (const part of value.split(";")) {
        const [, kind, number] = /^\s*(?:(mobile|home|work):)?\s*(.*?)\s*$/.exec(part) ?? [];
        if (number) person.phones.push({ number, type: kind as PhoneType });
      }
      break;
    case "phone":
      person.phones.push({ number: value, type: undefined });
      break;
    case "mobile":
    case "home":
    case "work":
      person.phones.push({ number: value, type: column });
      break;
    case "birthdate":
      person.birthdate = readDate(value) ?? noDate;
      break;
    default:
      person[column] = value;
  }
}

export function readVCards(text: string): Entry[] {
  const entries: Entry[] = [];
  let person: Unfinished | undefined;
  let begun = 0;
  for (const { line, content } of unfold(text)) {
    const property = parseProperty(content);
    if (property === undefined) continue;
    const { name, parameters, value } = property;
    if (name === "BEGIN") {
      person = unfinished();
      begun = line;
    } else if (name === "END" && person !== undefined) {
      entries.push({ line: begun, person: finish(person) });
      person = undefined;
    } else if (person !== undefined) {
      setProperty(person, name, parameters, value);
    }
  }
  return entries;
}

/** Lines that begin with a space go on where the one before ended. */
function unfold(text: string): { line: number; content: string }[] {
  const unfolded: { line: number; content: string }[] = [];
  for (const [i, content] of text.split(/\r\n|\n|\r/).entries()) {
    const last = unfolded.at(-1);
    if (/^[ \t]/.test(content) && last !== undefined) last.content += content.slice(1);
    else if (content !== "") unfolded.push({ line: i + 1, content });
  }
  return unfolded;
}

function parseProperty(content: string): { name: string; parameters: string; value: string } | undefined {
  const parts = /^(?:[\w-]+\.)?([\w-]+)((?:;(?:"[^"]*"|[^:"])*)?):(.*)$/s.exec(content);
  if (parts === null) return undefined;
  return { name: (parts[1] ?? "").toUpperCase(), parameters: (parts[2] ?? "").toLowerCase(), value: parts[3] ?? "" };
}

function setProperty(person: Unfinished, name: string, parameters: string, value: string): void {
  const text = value.replace(/\\n/gi, " ").replace(/\\([\\,;])/g, "$1").trim();
  switch (name) {
    case "FN":
      person.name ||= text;
      break;
    case "N": {
      const [family = "", given = ""] = value.split(/(?<!\\);/);
      person.family ||= family.replace(/\\([\\,;])/g, "$1").trim();
      person.given ||= given.replace(/\\([\\,;])/g, "$1").trim();
      break;
    }
    case "EMAIL":
      if (person.email === "" || /pref/.test(parameters)) person.email = text.replace(/^mailto:/i, "");
      break;
    case "TEL":
      person.phones.push({ number: text.replace(/^tel:/i, "").replace(/;.*/, ""), type: phoneType(parameters) });
      break;
    case "BDAY": {
      const omitted = /x-apple-omit-year="?(\d{4})/.exec(parameters)?.[1];
      const day = omitted !== undefined && text.startsWith(omitted) ? undefined : readDate(text.replace(/T.*/i, ""));
      person.birthdate = day ?? noDate;
      break;
    }
  }
}

function phoneType(parameters: string): PhoneType {
  if (/cell|mobile/.test(parameters)) return "mobile";
  if (/home/.test(parameters)) return "home";
  if (/work/.test(parameters)) return "work";
  return undefined;
}

/** Reads a day such as 1990-05-17; undefined for anything else. */
function readDate(text: string): BirthDate | undefined {
  const parts = /^(\d{4,6})-?(\d\d)-?(\d\d)$/.exec(text.trim());
  if (parts === null) return undefined;
  return { year: Number(parts[1]), month: Number(parts[2]), day: Number(parts[3]) };
}
