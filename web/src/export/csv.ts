// Persons as CSV (RFC 4180), with the columns of `rollcall watch --output csv`.

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
      name,
      email,
      phones.map(({ number, type }) => (type === undefined ? number : `${type}:${number}`)).join("; "),
      birthdate === undefined ? "" : formatDate(birthdate),
    ];
    lines.push(fields.map(quote).join(","));
  }
  return `${lines.join("\n")}\n`;
}

function quote(field: string): string {
  return /[",\r\n]|^\s/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
