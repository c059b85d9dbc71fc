// One watch: a stream of the API that is opened again, from the last position, for as
// long as somebody looks.

import { create } from "@bufbuild/protobuf";
import { EmptySchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import {
  PositionSchema,
  Source,
  type WatchPersonsRequest,
  WatchPersonsRequestSchema,
  type WatchPersonsResponse,
  type WatchService,
} from "../gen/contact/v1/watch_pb";
import { delayBefore } from "./backoff";
import { type Connection, connecting } from "./connection";
import type { Position } from "./position";
import { readEvent, readGap } from "./read";
import type { Row } from "./row";
import type { View } from "./view";

/** The server says something at least this often, in milliseconds. */
const heartbeat = 15_000;
/** A watch that has been silent for two heartbeats, and a little, is not live. */
export const silence = 2 * heartbeat + 1_000;
/** Back from sleep, a timer that should have run this long ago means silence, too. */
const hour = 60 * 60 * 1000;

export interface Listener {
  /** Rows that follow those before, in the stream's order. */
  rows(rows: readonly Row[]): void;
  connection(connection: Connection): void;
}

export class Watch {
  readonly #client: Client<typeof WatchService>;
  readonly #view: View;
  readonly #listener: Listener;
  /** When it was opened, which is what "the last hour" is before. */
  readonly #since = Date.now() - hour;

  #position: Position | undefined;
  /** The stream's last sequence, as far as is known. */
  #head = 0;
  #away = false;
  #attempt = 0;
  #stopped = false;
  #abort = new AbortController();
  /** Ends the wait before the next attempt. */
  #wake: (() => void) | undefined;

  constructor(client: Client<typeof WatchService>, view: View, listener: Listener) {
    this.#client = client;
    this.#view = view;
    this.#listener = listener;
  }

  /** Watches until stop is called, or the server refuses what is asked for. */
  async run(): Promise<void> {
    this.#listener.connection(connecting);
    while (!this.#stopped) {
      const why = await this.#once();
      if (this.#stopped) return;
      if (why instanceof ConnectError) {
        const end = finalState(why);
        if (end !== undefined) {
          this.#listener.connection(end);
          return;
        }
      }
      this.#attempt++;
      const delay = delayBefore(this.#attempt);
      this.#listener.connection({ is: "reconnecting", at: Date.now() + delay, why: reasonOf(why) });
      await this.#pause(delay);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#abort.abort();
    this.#wake?.();
  }

  /** Tries again at once, rather than when the wait is over. */
  retry(): void {
    this.#wake?.();
  }

  /** One stream to its end; returns why it ended. */
  async #once(): Promise<unknown> {
    const abort = new AbortController();
    this.#abort = abort;
    const silent = new Silence(() => abort.abort(new Error("silent")));
    try {
      for await (const response of this.#client.watchPersons(this.#request(), { signal: abort.signal })) {
        silent.heard();
        this.#take(response);
      }
      return new Error("ended");
    } catch (err) {
      return abort.signal.aborted ? abort.signal.reason : err;
    } finally {
      silent.stop();
    }
  }

  #request(): WatchPersonsRequest {
    const request = create(WatchPersonsRequestSchema, { filter: this.#view.filter });
    if (this.#position !== undefined) {
      const { epoch, sequence } = this.#position;
      request.start = { case: "after", value: create(PositionSchema, { epoch, sequence: BigInt(sequence) }) };
      return request;
    }
    const { start } = this.#view;
    switch (start.from) {
      case "last":
        request.start = { case: "last", value: start.count };
        break;
      case "hour":
        request.start = { case: "since", value: timestampFromMs(this.#since) };
        break;
      case "all":
        request.start = { case: "all", value: create(EmptySchema) };
        break;
      case "now":
        break;
    }
    return request;
  }

  #take(response: WatchPersonsResponse): void {
    this.#attempt = 0;
    const rows: Row[] = [];
    for (const gap of response.gaps) this.#takeGap(readGap(this.#epoch, gap), rows);
    for (const event of response.events) this.#takeEvent(readEvent(this.#epoch, event), rows);
    if (rows.length > 0) this.#listener.rows(rows);
    const { progress } = response;
    if (progress !== undefined) {
      if (progress.position !== undefined) {
        this.#position = { epoch: progress.position.epoch, sequence: Number(progress.position.sequence) };
      }
      this.#head = Number(progress.head);
      this.#away = progress.source === Source.DISCONNECTED;
    }
    this.#listener.connection(this.#state());
  }

  get #epoch(): string {
    return this.#position?.epoch ?? "";
  }

  #takeGap(gap: Row & { kind: "gap" }, rows: Row[]): void {
    rows.push(gap);
    this.#advance(gap.last);
  }

  #takeEvent(row: Row & { sequence: number }, rows: Row[]): void {
    // The server sends each once; this makes sure of it across reconnects.
    if (this.#position !== undefined && row.sequence <= this.#position.sequence) return;
    rows.push(row);
    this.#advance(row.sequence);
  }

  #advance(sequence: number): void {
    if (this.#position === undefined || sequence <= this.#position.sequence) return;
    this.#position = { epoch: this.#position.epoch, sequence };
  }

  #state(): Connection {
    if (this.#away) return { is: "away" };
    const by = this.#head - (this.#position?.sequence ?? 0);
    return by > 0 ? { is: "behind", by } : { is: "live", heardAt: Date.now() };
  }

  async #pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

/** Calls back once nothing was heard for too long. */
class Silence {
  #timer: ReturnType<typeof setTimeout>;
  readonly #callback: () => void;

  constructor(callback: () => void) {
    this.#callback = callback;
    this.#timer = setTimeout(callback, silence);
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#callback, silence);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** What an error means that trying again does not cure; undefined for the others. */
function finalState(err: ConnectError): Connection | undefined {
  switch (err.code) {
    case Code.Unauthenticated:
    case Code.PermissionDenied:
      return { is: "signedOut" };
    case Code.InvalidArgument: {
      const field = /^(filter|start|since|last|after)\b/.exec(err.rawMessage)?.[1];
      return {
        is: "refused",
        field: field === undefined ? undefined : field === "filter" ? "filter" : "start",
        message: err.rawMessage.replace(/^filter: */, ""),
      };
    }
    case Code.DataLoss:
      return { is: "refused", field: undefined, message: err.rawMessage };
    default:
      return undefined;
  }
}

function reasonOf(why: unknown): string {
  return why instanceof ConnectError ? why.rawMessage : why instanceof Error ? why.message : String(why);
}
