// Persons as vCard 4.0 (RFC 6350), as `rollcall watch --output vcard` writes them.

import type { PersonRow, PhoneType, Row } from "../watch/row";
import { formatDate } from "./date";

const types: Record<NonNullable<PhoneType>, string> = { mobile: "cell", home: "home", work: "work" };

export function toVCard({ person, publishedAt }: PersonRow): string {
  const lines = [
    "BEGIN:VCARD",
    "VERSION:4.0",
    `FN:${escape(person.name)}`,
    `EMAIL:${escape(person.email)}`,
    ...person.phones.map(({ number, type }) => `TEL${type === undefined ? "" : `;TYPE=${types[type]}`}:${escape(number)}`),
    ...(person.birthdate === undefined ? [] : [`BDAY:${formatDate(person.birthdate).replaceAll("-", "")}`]),
    `REV:${new Date(publishedAt).toISOString().replace(/[-:]|\.\d+/g, "")}`,
    "END:VCARD",
  ];
  return lines.map((line) => `${fold(line)}\r\n`).join("");
}

export function toVCards(rows: readonly Row[]): string {
  return rows.map((row) => (row.kind === "person" ? toVCard(row) : "")).join("");
}

function escape(value: string): string {
  return value.replace(/[\\,;]/g, "\\$&").replace(/\r\n?|\n/g, "\\n");
}

/** Breaks a line after 75 bytes, between characters. */
function fold(line: string): string {
  const encoder = new TextEncoder();
  let folded = "";
  let width = 0;
  for (const character of line) {
    const size = encoder.encode(character).length;
    if (width + size > 75) {
      folded += "\r\n ";
      width = 1;
    }
    folded += character;
    width += size;
  }
  return folded;
}
