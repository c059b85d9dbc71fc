import { connecting } from "./connection";
import type { News } from "./news";
import type { Page } from "./page";
import type { Position } from "./position";
import { type Row, rowsAfter } from "./row";
import { RowLog } from "./rowlog";
import type { View } from "./view";
import type { Watch } from "./watch";

/** So many rows are sent in one message, so that neither side is busy for long. */
const rowsAtOnce = 5_000;

/** A view that some pages look at, with all that its watch has told. */
export class Shown {
  readonly view: View;
  readonly pages = new Set<Page>();
  watch: Watch | undefined;
  readonly #log = new RowLog();
  /** The latest; the rows are in the log. */
  #news: News;
  /** Where it goes on from; undefined where it began with the view. */
  readonly #after: Position | undefined;
  /** What came after this is in the log, or was let go of it. */
  #begin: Position | undefined;

  constructor(view: View, after: Position | undefined) {
    this.view = view;
    this.#after = after;
    this.#begin = after;
    this.#news = { rows: [], position: after, connection: connecting, heardAt: undefined, failed: 0 };
  }

  get news(): News {
    return this.#news;
  }

  take(news: News): void {
    this.#begin ??= news.position;
    this.#log.append(news.rows);
    this.#news = { ...news, rows: [] };
    for (const page of this.pages) page.tell(news);
  }

  /** Whether it has all that follows a position; without one, all of its view. */
  has(position: Position | undefined): boolean {
    if (position === undefined) return this.#after === undefined;
    const begin = this.#begin;
    const end = this.#news.position;
    if (begin === undefined || end?.epoch !== position.epoch || end.sequence < position.sequence) return false;
    return begin.epoch !== position.epoch || begin.sequence <= position.sequence;
  }

  /** Tells a page all that it does not know. */
  show(page: Page, after: Position | undefined): void {
    const rows = this.#unknown(page, after);
    const { heardAt, failed } = this.#news;
    let told = 0;
    for (; rows.length - told > rowsAtOnce; told += rowsAtOnce) {
      const by = rows.length - told - rowsAtOnce;
      page.tell({ rows: rows.slice(told, told + rowsAtOnce), position: undefined, connection: { is: "behind", by }, heardAt, failed });
    }
    page.tell({ ...this.#news, rows: rows.slice(told) });
  }

  #unknown(page: Page, after: Position | undefined): readonly Row[] {
    const { rows, dropped } = this.#log;
    if (after !== undefined) {
      const unknown = rowsAfter(rows, after);
      if (dropped === 0 || unknown.length < rows.length) return unknown;
      // Rows that the page never had were let go, so those before them go there, too.
    }
    page.begin(dropped);
    return rows;
  }
}
