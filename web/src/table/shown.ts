import { useMemo, useRef } from "react";
import type { Row } from "../watch/row";
import type { Snapshot } from "../watch/store";

/** The rows to show, the newest first. */
export interface Shown {
  readonly count: number;
  /** The row at a place from the top. */
  at(index: number): Row | undefined;
  /** The place of a row, or -1. */
  indexOf(row: Row): number;
  /** The place of the newest row that passes a test, or -1. It is slow where there is none. */
  find(test: (row: Row) => boolean): number;
}

/** Rows that contain a text, or all. Only rows that are new are searched again. */
export function useShown(snapshot: Snapshot, search: string): Shown {
  const { rows, version, dropped } = snapshot;
  const found = useRef<{ rows: readonly Row[]; search: string; through: number; dropped: number; matching: Row[] }>(undefined);
  // rows change in place, and version with them
  return useMemo(() => {
    const wanted = search.trim().toLowerCase();
    if (wanted === "") return newestFirst(rows);
    let known = found.current;
    if (known === undefined || known.rows !== rows || known.search !== wanted || known.dropped !== dropped || known.through > rows.length) {
      known = { rows, search: wanted, through: 0, dropped, matching: [] };
    }
    for (; known.through < rows.length; known.through++) {
      const row = rows[known.through];
      if (row !== undefined && contains(row, wanted)) known.matching.push(row);
    }
    found.current = known;
    return newestFirst(known.matching);
  }, [rows, version, search, dropped]);
}

function newestFirst(rows: readonly Row[]): Shown {
  const count = rows.length;
  const fromTop = (index: number) => (index < 0 ? -1 : count - 1 - index);
  return {
    count,
    at: (index) => rows[count - 1 - index],
    indexOf: (row) => fromTop(rows.lastIndexOf(row)),
    find: (test) => fromTop(rows.findLastIndex(test)),
  };
}

/** Gaps are shown whatever is searched for: they are never left out. */
export function contains(row: Row, wanted: string): boolean {
  switch (row.kind) {
    case "gap":
      return true;
    case "rejected":
      return row.reason.toLowerCase().includes(wanted) || String(row.sequence).includes(wanted);
    case "person": {
      const { name, email, phones } = row.person;
      return (
        name.toLowerCase().includes(wanted) ||
        email.toLowerCase().includes(wanted) ||
        String(row.sequence) === wanted ||
        phones.some(({ number }) => number.includes(wanted))
      );
    }
  }
}
