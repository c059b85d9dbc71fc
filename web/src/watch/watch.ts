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
import { isSilent, patienceOf } from "./heartbeat";
import type { News } from "./news";
import type { Position } from "./position";
import { readEvent, readGap } from "./read";
import type { GapRow, Row } from "./row";
import type { View } from "./view";

const hour = 60 * 60 * 1000;

export class Watch {
  readonly #client: Client<typeof WatchService>;
  readonly #view: View;
  readonly #heartbeat: number;
  readonly #listener: (news: News) => void;
  /** When it was opened, which is what "the last hour" is before. */
  readonly #since = Date.now() - hour;

  #position: Position | undefined;
  #heardAt: number | undefined;
  /** The epoch that is said to be over; the next one's name comes with a progress. */
  #over: string | undefined;
  /** The stream's last sequence, as far as is known. */
  #head = 0;
  /** Why the server can't reach its store; undefined while it can. */
  #away: string | undefined;
  /** Persons that the filter failed for: in this stream, and in those before that broke. */
  #failed = 0;
  #failedBefore = 0;
  #attempt = 0;
  #stopped = false;
  #abort = new AbortController();
  #silence: Silence | undefined;
  #wait: Wait | undefined;

  /** A watch of a view from its beginning, or from after a position. */
  constructor(client: Client<typeof WatchService>, view: View, heartbeat: number, listener: (news: News) => void, after?: Position) {
    this.#client = client;
    this.#view = view;
    this.#heartbeat = heartbeat;
    this.#listener = listener;
    this.#position = after;
  }

  /** Watches until stop is called, or the server refuses what is asked for. */
  async run(): Promise<void> {
    this.#tell(connecting);
    while (!this.#stopped) {
      const why = await this.#once();
      if (this.#stopped) return;
      if (why instanceof ConnectError) {
        const end = finalState(why);
        if (end !== undefined) {
          this.#tell(end);
          return;
        }
      }
      this.#attempt++;
      const delay = delayBefore(this.#attempt);
      this.#wait = new Wait(delay);
      this.#tell({ is: "reconnecting", at: this.#wait.until, why: reasonOf(why) });
      await this.#wait.over;
      this.#wait = undefined;
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#abort.abort();
    this.#wait?.end();
  }

  /** Tries again at once, rather than when the wait is over. */
  retry(): void {
    this.#wait?.end();
  }

  /** Does what is overdue. Timers stand still while a computer sleeps, and run late in what is hidden. */
  check(): void {
    this.#silence?.check();
    this.#wait?.check();
  }

  /** One stream to its end; returns why it ended. */
  async #once(): Promise<unknown> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#failedBefore = this.#failed;
    const silence = new Silence(this.#heartbeat, () => abort.abort(new Error("silent")));
    this.#silence = silence;
    try {
      for await (const response of this.#client.watchPersons(this.#request(), { signal: abort.signal })) {
        silence.heard();
        this.#take(response);
      }
      return new Error("ended");
    } catch (err) {
      return abort.signal.aborted ? abort.signal.reason : err;
    } finally {
      silence.stop();
      this.#silence = undefined;
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
    this.#heardAt = Date.now();
    const rows: Row[] = [];
    for (const gap of response.gaps) this.#takeGap(readGap(this.#epoch, gap), rows);
    for (const event of response.events) this.#takeEvent(readEvent(this.#epoch, event), rows);
    const { progress } = response;
    if (progress !== undefined) {
      if (progress.position !== undefined) {
        this.#position = { epoch: progress.position.epoch, sequence: Number(progress.position.sequence) };
      }
      this.#head = Number(progress.head);
      this.#away = progress.source === Source.DISCONNECTED ? progress.reason : undefined;
      this.#failed = this.#failedBefore + Number(progress.failed);
    }
    this.#tell(this.#state(), rows);
  }

  #tell(connection: Connection, rows: readonly Row[] = []): void {
    this.#listener({ rows, position: this.#position, connection, heardAt: this.#heardAt, failed: this.#failed });
  }

  get #epoch(): string {
    return this.#position?.epoch ?? "";
  }

  #takeGap(gap: GapRow, rows: Row[]): void {
    if (gap.reason === "epochChanged") {
      // A watch that broke before it knew the next epoch is told again.
      if (this.#over === gap.epoch) return;
      this.#over = gap.epoch;
    }
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
    if (this.#away !== undefined) return { is: "away", why: this.#away };
    const by = this.#head - (this.#position?.sequence ?? 0);
    return by > 0 ? { is: "behind", by } : { is: "live" };
  }
}

/** The time before another attempt. */
class Wait {
  readonly over: Promise<void>;
  /** In milliseconds since 1970. */
  readonly until: number;
  readonly #timer: ReturnType<typeof setTimeout>;
  #end: () => void = () => undefined;

  constructor(milliseconds: number) {
    this.until = Date.now() + milliseconds;
    this.over = new Promise((resolve) => (this.#end = resolve));
    this.#timer = setTimeout(this.#end, milliseconds);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#end();
  }

  check(): void {
    if (Date.now() >= this.until) this.end();
  }
}

/** Calls back once nothing was heard for too long. */
class Silence {
  readonly #heartbeat: number;
  readonly #callback: () => void;
  #heardAt = Date.now();
  #timer: ReturnType<typeof setTimeout>;

  constructor(heartbeat: number, callback: () => void) {
    this.#heartbeat = heartbeat;
    this.#callback = callback;
    this.#timer = setTimeout(callback, patienceOf(heartbeat));
  }

  heard(): void {
    this.#heardAt = Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#callback, patienceOf(this.#heartbeat));
  }

  check(): void {
    if (isSilent(this.#heardAt, this.#heartbeat)) this.#callback();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** What an error means that trying again does not cure; undefined for the others. */
export function finalState(err: ConnectError): Connection | undefined {
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
