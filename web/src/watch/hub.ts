// The hub has one watch for each view that any page looks at. It is in a SharedWorker
// where there is one, so that equal tabs share a connection, of which a browser opens
// six to a host over HTTP/1.1; and else in each page.

import type { Client } from "@connectrpc/connect";
import type { WatchService } from "../gen/contact/v1/watch_pb";
import { isOver } from "./connection";
import { checkFilter } from "./filter";
import type { News } from "./news";
import { Page } from "./page";
import type { Position } from "./position";
import type { Port, ToHub, ToPage } from "./protocol";
import { Shown } from "./shown";
import { type View, viewKey } from "./view";
import { Watch } from "./watch";

/**
 * How many views are watched at a time over HTTP/1.1. Of a browser's six connections
 * two are left for submitting, for checking filters, and for the page's own files.
 */
export const mostWatches = 4;
/** A page that was asked so often whether it is still here, and said nothing, has gone. */
export const mostAsked = 10;

export class Hub {
  readonly #client: Client<typeof WatchService>;
  readonly #heartbeat: number;
  readonly #pages = new Set<Page>();
  /** In the order in which they were first looked at. */
  readonly #shown = new Set<Shown>();
  #unlimited = false;

  constructor(client: Client<typeof WatchService>, heartbeat: number) {
    this.#client = client;
    this.#heartbeat = heartbeat;
  }

  /** Takes a page in; what it says goes to the function that is returned. */
  join(port: Port<ToPage>): (message: ToHub) => void {
    const page = new Page(port);
    return (message) => {
      page.asked = 0;
      switch (message.say) {
        case "look":
          page.turn = message.turn;
          this.#unlimited = message.unlimited;
          this.#look(page, message.view, message.after);
          break;
        case "here":
          if (page.shown === undefined) {
            port.postMessage({ say: "lost" });
            break;
          }
          page.shown.watch?.check();
          page.tell(page.shown.news);
          break;
        case "retry":
          page.shown?.watch?.retry();
          break;
        case "check":
          void this.#check(page, message.filter);
          break;
        case "leave":
          this.#leave(page);
          break;
      }
    };
  }

  /**
   * Asks each page whether it is still here, and lets go of those that have not said so
   * for long. It counts how often it asked and not the time, of which much goes by
   * while a computer sleeps.
   */
  sweep(): void {
    for (const page of this.#pages) {
      if (page.asked++ < mostAsked) page.port.postMessage({ say: "ask" });
      else this.#leave(page);
    }
  }

  #look(page: Page, view: View, after: Position | undefined): void {
    const before = page.shown;
    let shown = this.#find(view, after);
    if (shown === undefined) {
      shown = new Shown(view, after);
      this.#shown.add(shown);
    }
    this.#pages.add(page);
    page.shown = shown;
    shown.pages.add(page);
    if (before !== undefined && before !== shown) this.#leaveView(page, before);
    shown.show(page, after);
    this.#startWaiting();
  }

  /** Finds who watches a view already, from its beginning or from early enough. */
  #find(view: View, after: Position | undefined): Shown | undefined {
    for (const shown of this.#shown) {
      const { connection } = shown.news;
      if (connection.is === "refused" || viewKey(shown.view) !== viewKey(view) || !shown.has(after)) continue;
      // Whoever looks anew has perhaps signed in.
      if (connection.is === "signedOut") shown.watch = undefined;
      return shown;
    }
    return undefined;
  }

  #leave(page: Page): void {
    this.#pages.delete(page);
    const { shown } = page;
    page.shown = undefined;
    if (shown !== undefined) this.#leaveView(page, shown);
  }

  /** A page does not look at a view any more. The last one ends the watch. */
  #leaveView(page: Page, shown: Shown): void {
    shown.pages.delete(page);
    if (shown.pages.size > 0) return;
    shown.watch?.stop();
    this.#shown.delete(shown);
    this.#startWaiting();
  }

  /** Starts the watches for which there are connections now. */
  #startWaiting(): void {
    let free = this.#unlimited ? Number.POSITIVE_INFINITY : mostWatches;
    for (const shown of this.#shown) if (shown.watch !== undefined && !isOver(shown.news.connection)) free--;
    for (const shown of this.#shown) {
      if (shown.watch !== undefined) continue;
      if (free-- > 0) this.#start(shown);
      else shown.take({ ...shown.news, rows: [], connection: { is: "waiting" } });
    }
  }

  #start(shown: Shown): void {
    const listen = (news: News) => {
      shown.take(news);
      if (isOver(news.connection)) this.#startWaiting();
    };
    shown.watch = new Watch(this.#client, shown.view, this.#heartbeat, listen, shown.news.position);
    void shown.watch.run();
  }

  async #check(page: Page, filter: string): Promise<void> {
    const check = await checkFilter(this.#client, filter);
    page.port.postMessage({ say: "checked", filter, check });
  }
}
