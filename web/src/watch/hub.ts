// The hub has one watch for each view that any page looks at. It is in a SharedWorker
// where there is one, so that equal tabs share a connection, of which a browser opens
// six to a host over HTTP/1.1; and else in each page.

import type { Client } from "@connectrpc/connect";
import type { WatchService } from "../gen/contact/v1/watch_pb";
import { type Connection, connecting } from "./connection";
import type { Port, ToHub, ToPage } from "./protocol";
import type { Row } from "./row";
import { RowLog } from "./rowlog";
import { type View, viewKey } from "./view";
import { Watch } from "./watch";

/**
 * How many views are watched at a time over HTTP/1.1. Of a browser's six connections
 * two are left for submitting, and for the page's own files.
 */
export const mostWatches = 4;
/** A page that was not heard of for so long has gone. Timers of hidden pages run once a minute. */
export const patience = 150_000;
/** So many rows are sent in one message, so that neither side is busy for long. */
const rowsAtOnce = 5_000;

interface Page {
  readonly port: Port<ToPage>;
  heardAt: number;
  shown: Shown | undefined;
}

/** A view that some pages look at. */
class Shown {
  readonly view: View;
  readonly pages = new Set<Page>();
  readonly log = new RowLog();
  connection: Connection = connecting;
  watch: Watch | undefined;

  constructor(view: View) {
    this.view = view;
  }

  tell(message: ToPage): void {
    for (const page of this.pages) page.port.postMessage(message);
  }
}

export class Hub {
  readonly #client: Client<typeof WatchService>;
  readonly #pages = new Set<Page>();
  /** In the order in which they were first looked at. */
  readonly #shown = new Map<string, Shown>();
  #unlimited = false;

  constructor(client: Client<typeof WatchService>) {
    this.#client = client;
  }

  /** Takes a page in; what it says goes to the function that is returned. */
  join(port: Port<ToPage>): (message: ToHub) => void {
    const page: Page = { port, heardAt: Date.now(), shown: undefined };
    return (message) => {
      page.heardAt = Date.now();
      switch (message.say) {
        case "look":
          this.#pages.add(page);
          this.#unlimited = message.unlimited;
          this.#look(page, message.view);
          break;
        case "retry":
          page.shown?.watch?.retry();
          break;
        case "leave":
          this.#pages.delete(page);
          this.#away(page);
          break;
        case "ping":
          break;
      }
    };
  }

  /** Forgets pages that have gone without a word. */
  sweep(now: number = Date.now()): void {
    for (const page of this.#pages) {
      if (now - page.heardAt <= patience) continue;
      this.#pages.delete(page);
      this.#away(page);
    }
  }

  #look(page: Page, view: View): void {
    const key = viewKey(view);
    if (page.shown !== undefined && viewKey(page.shown.view) !== key) this.#away(page);
    let shown = this.#shown.get(key);
    if (shown === undefined || shown.connection.is === "refused" || shown.connection.is === "signedOut") {
      // What was refused is asked for again, by whoever looks.
      const pages = shown?.pages ?? new Set();
      shown = new Shown(view);
      for (const other of pages) this.#show(other, shown, key);
      this.#shown.set(key, shown);
    }
    this.#show(page, shown, key);
    this.#startWaiting();
  }

  #show(page: Page, shown: Shown, key: string): void {
    shown.pages.add(page);
    page.shown = shown;
    page.port.postMessage({ say: "begin", key, dropped: shown.log.dropped });
    const { rows } = shown.log;
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      page.port.postMessage({ say: "rows", rows: rows.slice(from, from + rowsAtOnce) });
    }
    page.port.postMessage({ say: "connection", connection: shown.connection });
  }

  /** A page does not look at its view any more. The last one ends the watch. */
  #away(page: Page): void {
    const { shown } = page;
    if (shown === undefined) return;
    page.shown = undefined;
    shown.pages.delete(page);
    if (shown.pages.size > 0) return;
    shown.watch?.stop();
    this.#shown.delete(viewKey(shown.view));
    this.#startWaiting();
  }

  /** Starts the watches for which there are connections now. */
  #startWaiting(): void {
    let free = this.#unlimited ? Number.POSITIVE_INFINITY : mostWatches;
    for (const shown of this.#shown.values()) if (shown.watch !== undefined) free--;
    for (const shown of this.#shown.values()) {
      if (shown.watch !== undefined) continue;
      if (free-- > 0) this.#start(shown);
      else this.#connection(shown, { is: "waiting" });
    }
  }

  #start(shown: Shown): void {
    const watch = new Watch(this.#client, shown.view, {
      rows: (rows: readonly Row[]) => {
        shown.log.append(rows);
        shown.tell({ say: "rows", rows });
      },
      connection: (connection: Connection) => {
        this.#connection(shown, connection);
      },
    });
    shown.watch = watch;
    void watch.run();
  }

  #connection(shown: Shown, connection: Connection): void {
    shown.connection = connection;
    shown.tell({ say: "connection", connection });
  }
}
