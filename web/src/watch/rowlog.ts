import type { Row } from "./row";

/** How many of the latest rows a view keeps, at least. */
export const mostRows = 100_000;
/** Older ones are let go so many at a time: moving the rest costs the same for one or many. */
const atOnce = 5_000;

/** The latest rows of a view, the oldest first. */
export class RowLog {
  #rows: Row[] = [];
  #dropped = 0;

  readonly #most: number;

  /** Keeps the latest so many rows, and at times a few thousand more. */
  constructor(most: number = mostRows) {
    this.#most = most;
  }

  /** The rows that are kept. The array is changed by append. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** How many rows were let go since the log was begun. */
  get dropped(): number {
    return this.#dropped;
  }

  append(rows: readonly Row[]): void {
    for (const row of rows) this.#rows.push(row);
    const surplus = this.#rows.length - this.#most;
    if (surplus < atOnce) return;
    this.#rows.splice(0, surplus);
    this.#dropped += surplus;
  }

  /** Begins again, with rows before which others were let go. */
  clear(dropped = 0): void {
    this.#rows = [];
    this.#dropped = dropped;
  }
}
