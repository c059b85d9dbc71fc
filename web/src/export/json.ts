// Persons as the API's JSON, which `rollcall submit` and `rollcall watch` write and read.

import type { GapReason, Person, PhoneType, Row } from "../watch/row";

const phoneTypes: Record<NonNullable<PhoneType>, string> = {
  mobile: "PHONE_TYPE_MOBILE",
  home: "PHONE_TYPE_HOME",
  work: "PHONE_TYPE_WORK",
};

const gapReasons: Record<GapReason, string> = {
  notRetained: "GAP_REASON_NOT_RETAINED",
  deleted: "GAP_REASON_DELETED",
  epochChanged: "GAP_REASON_EPOCH_CHANGED",
  unknown: "GAP_REASON_UNSPECIFIED",
};

export function personJSON(person: Person): Record<string, unknown> {
  return {
    name: person.name,
    email: person.email,
    ...(person.phones.length > 0 && {
      phones: person.phones.map(({ number, type }) => ({ number, ...(type && { type: phoneTypes[type] }) })),
    }),
    ...(person.birthdate && { birthdate: { ...person.birthdate } }),
  };
}

export function eventJSON(row: Row): Record<string, unknown> {
  if (row.kind === "gap") {
    const last = row.last === 0 ? {} : { last: String(row.last) };
    return { gap: { first: String(row.first), ...last, reason: gapReasons[row.reason] } };
  }
  const where = { sequence: String(row.sequence), publishedAt: new Date(row.publishedAt).toISOString() };
  return row.kind === "person"
    ? { ...where, person: personJSON(row.person) }
    : { ...where, rejected: { reason: row.reason, size: row.size } };
}

/** An object a line. */
export function toNDJSON(rows: readonly Row[]): string {
  return rows.map((row) => `${JSON.stringify(eventJSON(row))}\n`).join("");
}
