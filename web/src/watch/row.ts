// What a watch shows, in the order of the stream. Rows are plain data: they are sent
// from a worker to pages, and hold no messages of the API.

import type { Position } from "./position";

export type PhoneType = "mobile" | "home" | "work" | undefined;

export interface Phone {
  readonly number: string;
  readonly type: PhoneType;
}

export interface BirthDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly phones: readonly Phone[];
  readonly birthdate: BirthDate | undefined;
}

/** A person of the stream. */
export interface PersonRow {
  readonly kind: "person";
  readonly epoch: string;
  readonly sequence: number;
  /** When the stream stored it, in milliseconds since 1970. */
  readonly publishedAt: number;
  readonly person: Person;
}

/** A message of the stream that could not be read as a person. */
export interface RejectedRow {
  readonly kind: "rejected";
  readonly epoch: string;
  readonly sequence: number;
  readonly publishedAt: number;
  readonly reason: string;
  /** In bytes. */
  readonly size: number;
}

export type GapReason = "notRetained" | "deleted" | "epochChanged" | "unknown";

/** Sequences that will not come. */
export interface GapRow {
  readonly kind: "gap";
  readonly epoch: string;
  readonly first: number;
  /** 0 when it is not known, which is so when the stream was made anew. */
  readonly last: number;
  readonly reason: GapReason;
}

export type Row = PersonRow | RejectedRow | GapRow;

/** The last sequence that a row speaks of; of a stream that was made anew, all there may have been. */
export function lastOf(row: Row): number {
  if (row.kind !== "gap") return row.sequence;
  return row.last === 0 ? Number.POSITIVE_INFINITY : row.last;
}

/** The rows of a watch that are not known yet to who has everything up to a position of the same watch. */
export function rowsAfter(rows: readonly Row[], { epoch, sequence }: Position): Row[] {
  const known = rows.findLastIndex((row) => row.epoch !== epoch || lastOf(row) <= sequence);
  const after = rows.slice(known + 1);
  const [first] = after;
  // What is gone by now may have been there when its beginning was seen.
  if (first?.kind === "gap" && first.first <= sequence) after[0] = { ...first, first: sequence + 1 };
  return after;
}

/** A key that no other row of a view has. */
export function keyOf(row: Row): string {
  return row.kind === "gap"
    ? `${row.epoch}:gap:${row.first}`
    : `${row.epoch}:${row.sequence}`;
}

/** Whether a row is what is stored at a position. */
export function isAt(row: Row, position: Position | undefined): boolean {
  return position !== undefined && row.kind !== "gap" && row.sequence === position.sequence && row.epoch === position.epoch;
}
