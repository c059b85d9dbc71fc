// What a page shows of its view. React reads it; the hub fills it.

import { type Connection, connecting } from "./connection";
import { meetHub } from "./meet";
import type { Port, ToHub, ToPage } from "./protocol";
import type { Row } from "./row";
import { RowLog } from "./rowlog";
import { type View, viewKey } from "./view";

/** So many seconds of arrivals are remembered. */
export const secondsOfArrivals = 60;

/** A moment of the store. Its numbers change together. */
export interface Snapshot {
  readonly connection: Connection;
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
  #port: Port<ToHub> | undefined;
  #key = "";
  #view: View | undefined;
  #paint = 0;
  #frozen: Pick<Snapshot, "rows" | "dropped"> | undefined;
  #unseen = 0;
  #changed = false;
  #begun = false;
  #connection: Connection = connecting;
  #snapshot: Snapshot = {
    connection: connecting,
    rows: [],
    dropped: 0,
    paused: false,
    unseen: 0,
    version: 0,
    begun: false,
  };
  readonly #arrivals = new Arrivals();

  async start(): Promise<void> {
    this.#port = await meetHub((message) => this.#take(message));
    addEventListener("pageshow", (event: PageTransitionEvent) => {
      if (event.persisted && this.#view !== undefined) this.look(this.#view);
    });
    if (this.#view !== undefined) this.look(this.#view);
  }

  /** Shows another view, from its beginning. */
  look(view: View): void {
    this.#view = view;
    this.#key = viewKey(view);
    this.#port?.postMessage({ say: "look", view, unlimited: overHTTP2() });
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

  #take(message: ToPage): void {
    switch (message.say) {
      case "begin":
        if (message.key !== this.#key) return;
        this.#log.clear();
        this.#frozen = undefined;
        this.#unseen = 0;
        this.#begun = false;
        this.#connection = connecting;
        this.#changed = true;
        break;
      case "rows":
        this.#log.append(message.rows);
        // What was stored before is read as fast as it goes, and is no arrival.
        if (this.#connection.is === "live") this.#arrivals.add(message.rows.length, Date.now());
        if (this.#frozen === undefined) this.#changed = true;
        else this.#unseen += message.rows.length;
        break;
      case "connection":
        this.#connection = message.connection;
        if (message.connection.is === "live" || message.connection.is === "away") this.#begun = true;
        break;
    }
    this.#schedule();
  }

  /** Rows are painted once a frame, however many came; a hidden page is not painted. */
  #schedule(): void {
    if (this.#paint !== 0) return;
    this.#paint = requestAnimationFrame(() => {
      this.#paint = 0;
      this.#snapshot = {
        connection: this.#connection,
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
