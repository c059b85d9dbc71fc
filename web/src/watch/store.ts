// What a page shows of its view. React reads it; the hub fills it.

import { type Connection, connecting } from "./connection";
import type { FilterCheck } from "./filter";
import { isSilent } from "./heartbeat";
import { meetHub } from "./meet";
import type { News } from "./news";
import type { Position } from "./position";
import { checkTimeout, type Port, type ToHub, type ToPage } from "./protocol";
import type { Row } from "./row";
import { RowLog } from "./rowlog";
import type { View } from "./view";

/** How often the page looks at the clock, in milliseconds. */
const tickEvery = 1_000;
/** A hub that was asked so often and did not answer has gone, which happens to workers that crash. */
const mostUnanswered = 5;

/** So many seconds of arrivals are remembered. */
export const secondsOfArrivals = 60;

/** A moment of the store. Its numbers change together. */
export interface Snapshot {
  readonly connection: Connection;
  /** When the server was last heard; undefined until it was. */
  readonly heardAt: number | undefined;
  /** How many persons are left out since the filter failed for them. */
  readonly failed: number;
  /** Rows that are shown, the oldest first; those of a paused view stay. */
  readonly rows: readonly Row[];
  /** How many rows before them were let go. */
  readonly dropped: number;
  readonly paused: boolean;
  /** How many came since the pause. */
  readonly unseen: number;
  /** Changes with every change of rows. */
  readonly version: number;
  /** Whether rows that were there before the watch were read already. */
  readonly begun: boolean;
}

export class Store {
  readonly #log = new RowLog();
  readonly #listeners = new Set<() => void>();
  readonly #heartbeat: number;
  #port: Port<ToHub> | undefined;
  #view: View | undefined;
  /** Of the latest look: what is said about those before is not listened to. */
  #turn = 0;
  #position: Position | undefined;
  #heardAt: number | undefined;
  #failed = 0;
  /** When the hub was last heard, which asks once a heartbeat whether the page is here. */
  #answeredAt = Date.now();
  #unanswered = 0;
  #tickedAt = Date.now();
  #checks: { readonly filter: string; readonly resolve: (check: FilterCheck) => void }[] = [];
  #paint = 0;
  #frozen: Pick<Snapshot, "rows" | "dropped"> | undefined;
  #unseen = 0;
  #changed = false;
  #begun = false;
  #connection: Connection = connecting;
  #snapshot: Snapshot = {
    connection: connecting,
    heardAt: undefined,
    failed: 0,
    rows: [],
    dropped: 0,
    paused: false,
    unseen: 0,
    version: 0,
    begun: false,
  };
  readonly #arrivals = new Arrivals();

  constructor(heartbeat: number) {
    this.#heartbeat = heartbeat;
  }

  async start(): Promise<void> {
    setInterval(() => this.#tick(), tickEvery);
    document.addEventListener("visibilitychange", () => this.#ask());
    addEventListener("pagehide", () => this.#port?.postMessage({ say: "leave" }));
    addEventListener("pageshow", (event: PageTransitionEvent) => {
      if (event.persisted) this.#lookAgain();
    });
    await this.#meet();
  }

  async #meet(): Promise<void> {
    this.#port?.postMessage({ say: "leave" });
    this.#unanswered = 0;
    this.#port = await meetHub(this.#heartbeat, (message) => this.#take(message));
    this.#lookAgain();
  }

  /** Shows another view, from its beginning. */
  look(view: View): void {
    this.#view = view;
    this.#position = undefined;
    this.#lookAgain();
  }

  /** Goes on with the view after what is here of it. */
  #lookAgain(): void {
    if (this.#view === undefined) return;
    this.#turn++;
    this.#connection = connecting;
    this.#port?.postMessage({ say: "look", turn: this.#turn, view: this.#view, after: this.#position, unlimited: overHTTP2() });
    this.#schedule();
  }

  /** Asks whether the server would take a filter; the view stays as it is. */
  async check(filter: string): Promise<FilterCheck> {
    return new Promise((resolve) => {
      this.#checks.push({ filter, resolve });
      setTimeout(() => resolve({ is: "unanswered" }), checkTimeout);
      this.#port?.postMessage({ say: "check", filter });
    });
  }

  retry(): void {
    this.#port?.postMessage({ say: "retry" });
  }

  /** What comes from now on waits, and is counted. */
  pause(): void {
    if (this.#frozen !== undefined) return;
    this.#frozen = { rows: this.#log.rows.slice(), dropped: this.#log.dropped };
    this.#unseen = 0;
    this.#schedule();
  }

  resume(): void {
    if (this.#frozen === undefined) return;
    this.#frozen = undefined;
    this.#unseen = 0;
    this.#changed = true;
    this.#schedule();
  }

  /** Arrivals in each of the last seconds, the latest last. */
  arrivals(): readonly number[] {
    return this.#arrivals.seconds(Date.now());
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): Snapshot => this.#snapshot;

  /** Time goes by without a word, too; and much of it at once, where a computer slept or the page was frozen. */
  #tick(): void {
    const now = Date.now();
    const woke = isSilent(this.#tickedAt, this.#heartbeat, now);
    this.#tickedAt = now;
    if (!woke && !this.#isSilent() && !isSilent(this.#answeredAt, this.#heartbeat, now)) return;
    this.#ask();
    this.#schedule();
  }

  /** Whether what the server said last is no longer known to be true. */
  #isSilent(): boolean {
    const { is } = this.#connection;
    const claims = is === "live" || is === "behind" || is === "away";
    return claims && this.#heardAt !== undefined && isSilent(this.#heardAt, this.#heartbeat);
  }

  /** Says that the page is here, and asks how things are. */
  #ask(): void {
    if (this.#unanswered++ < mostUnanswered) this.#port?.postMessage({ say: "here" });
    else void this.#meet();
  }

  #take(message: ToPage): void {
    this.#answeredAt = Date.now();
    this.#unanswered = 0;
    switch (message.say) {
      case "begin":
        if (message.turn === this.#turn) this.#begin(message.dropped);
        break;
      case "news":
        if (message.turn === this.#turn) this.#takeNews(message.news);
        break;
      case "ask":
        this.#port?.postMessage({ say: "here" });
        break;
      case "lost":
        this.#lookAgain();
        break;
      case "checked":
        this.#takeCheck(message.filter, message.check);
        break;
    }
  }

  #takeCheck(filter: string, check: FilterCheck): void {
    for (const asked of this.#checks) if (asked.filter === filter) asked.resolve(check);
    this.#checks = this.#checks.filter((asked) => asked.filter !== filter);
  }

  #begin(dropped: number): void {
    this.#log.clear(dropped);
    this.#frozen = undefined;
    this.#unseen = 0;
    this.#begun = false;
    this.#changed = true;
    this.#schedule();
  }

  #takeNews({ rows, position, connection, heardAt, failed }: News): void {
    if (rows.length > 0) {
      this.#log.append(rows);
      // What was stored before is read as fast as it goes, and is no arrival.
      if (this.#connection.is === "live") this.#arrivals.add(rows.length, Date.now());
      if (this.#frozen === undefined) this.#changed = true;
      else this.#unseen += rows.length;
    }
    this.#position = position;
    this.#connection = connection;
    this.#heardAt = heardAt ?? this.#heardAt;
    this.#failed = failed;
    if (connection.is === "live" || connection.is === "away") this.#begun = true;
    this.#schedule();
  }

  /** Rows are painted once a frame, however many came; a hidden page is not painted. */
  #schedule(): void {
    if (this.#paint !== 0) return;
    this.#paint = requestAnimationFrame(() => {
      this.#paint = 0;
      this.#snapshot = {
        connection: this.#isSilent() ? { is: "silent" } : this.#connection,
        heardAt: this.#heardAt,
        failed: this.#failed,
        rows: (this.#frozen ?? this.#log).rows,
        dropped: (this.#frozen ?? this.#log).dropped,
        paused: this.#frozen !== undefined,
        unseen: this.#unseen,
        version: this.#snapshot.version + (this.#changed ? 1 : 0),
        begun: this.#begun,
      };
      this.#changed = false;
      for (const listener of this.#listeners) listener();
    });
  }
}

/** Counts arrivals by the second. */
export class Arrivals {
  readonly #counts = new Map<number, number>();

  add(count: number, now: number): void {
    const second = Math.floor(now / 1000);
    this.#counts.set(second, (this.#counts.get(second) ?? 0) + count);
    for (const old of this.#counts.keys()) {
      if (old >= second - secondsOfArrivals) break;
      this.#counts.delete(old);
    }
  }

  /** The second that is under way is not among them. */
  seconds(now: number): number[] {
    const last = Math.floor(now / 1000) - 1;
    return Array.from(
      { length: secondsOfArrivals },
      (_, i) => this.#counts.get(last - secondsOfArrivals + 1 + i) ?? 0,
    );
  }
}

/** Whether one connection carries any number of watches. */
function overHTTP2(): boolean {
  const [page] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return page !== undefined && /^h[23]/.test(page.nextHopProtocol);
}
