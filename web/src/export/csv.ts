// Persons as CSV (RFC 4180), with the columns of `rollcall watch --output csv`. Unlike
// that, it is made for spreadsheets, and by whoever opens what others have typed in.

import type { Row } from "../watch/row";
import { formatDate } from "./date";

export function toCSV(rows: readonly Row[]): string {
  const lines = ["sequence,published_at,name,email,phones,birthdate"];
  for (const row of rows) {
    if (row.kind !== "person") continue;
    const { name, email, phones, birthdate } = row.person;
    const fields = [
      String(row.sequence),
      new Date(row.publishedAt).toISOString(),
      guard(name),
      guard(email),
      guard(phones.map(({ number, type }) => (type === undefined ? number : `${type}:${number}`)).join("; ")),
      birthdate === undefined ? "" : formatDate(birthdate),
    ];
    lines.push(fields.map(quote).join(","));
  }
  return `${lines.join("\n")}\n`;
}

/** A phone number, or several, which may begin with + or - and compute nothing. */
const numbers = /^[+-](?:[-+0-9 ().\/#x;]|mobile:|home:|work:)*$/;

/** Puts an apostrophe before what a spreadsheet would take for a formula. */
function guard(field: string): string {
  return /^\s*[=@+-]/.test(field) && !numbers.test(field) ? `'${field}` : field;
}

/** Takes off the apostrophe that guard puts there. */
export function unguard(field: string): string {
  return field.replace(/^'(?=\s*[=@+-])/, "");
}

function quote(field: string): string {
  return /[",\r\n]|^\s/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
