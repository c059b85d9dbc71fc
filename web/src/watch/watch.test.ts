import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  GapReason,
  Source,
  type WatchPersonsRequest,
  type WatchPersonsResponse,
  WatchPersonsResponseSchema,
  WatchService,
} from "../gen/contact/v1/watch_pb";
import type { Connection } from "./connection";
import { Hub, mostWatches } from "./hub";
import type { ToPage } from "./protocol";
import type { Row } from "./row";
import type { View } from "./view";
import { silence, Watch } from "./watch";

const lastTen: View = { start: { from: "last", count: 10 }, filter: "" };

type Script = (request: WatchPersonsRequest, signal: AbortSignal) => AsyncGenerator<WatchPersonsResponse>;

/** A server that does, one call after the other, what it is told, and then nothing. */
function serve(...scripts: Script[]) {
  const requests: WatchPersonsRequest[] = [];
  const transport = createRouterTransport(({ service }) => {
    service(WatchService, {
      async *watchPersons(request, context) {
        requests.push(request);
        const script = scripts.shift() ?? hang;
        yield* script(request, context.signal);
      },
    });
  });
  return { client: createClient(WatchService, transport), requests };
}

async function* hang(_: WatchPersonsRequest, signal: AbortSignal): AsyncGenerator<WatchPersonsResponse> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

function progress(sequence: number, head: number, epoch = "e1", source = Source.CONNECTED): WatchPersonsResponse {
  return create(WatchPersonsResponseSchema, { progress: { position: { epoch, sequence: BigInt(sequence) }, head: BigInt(head), source } });
}

function events(...sequences: number[]): WatchPersonsResponse {
  return create(WatchPersonsResponseSchema, {
    events: sequences.map((n) => ({ sequence: BigInt(n), payload: { case: "person" as const, value: { name: `p${n}` } } })),
  });
}

class Log {
  readonly rowsSeen: Row[] = [];
  readonly states: Connection[] = [];
  rows(rows: readonly Row[]): void {
    this.rowsSeen.push(...rows);
  }
  connection(connection: Connection): void {
    this.states.push(connection);
  }
  get sequences(): number[] {
    return this.rowsSeen.map((row) => (row.kind === "gap" ? -row.first : row.sequence));
  }
  get last(): Connection | undefined {
    return this.states.at(-1);
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Lets everything happen that happens within a time. */
const pass = async (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);

describe("a watch", () => {
  it("goes on from the last position after it broke, with nothing twice", async () => {
    const { client, requests } = serve(
      async function* () {
        yield progress(0, 3);
        yield events(1, 2);
        throw new ConnectError("stopping", Code.Unavailable);
      },
      async function* (_, signal) {
        yield progress(2, 3);
        yield events(2, 3); // the second is known
        yield* hang(_, signal);
      },
    );
    const log = new Log();
    const watch = new Watch(client, lastTen, log);
    void watch.run();
    await pass();
    expect(log.last).toMatchObject({ is: "reconnecting", why: "stopping" });
    await pass(500);
    expect(log.sequences).toEqual([1, 2, 3]);
    expect(log.last).toMatchObject({ is: "live" });
    expect(requests.map(({ start }) => start)).toMatchObject([
      { case: "last", value: 10 },
      { case: "after", value: { epoch: "e1", sequence: 2n } },
    ]);
    watch.stop();
  });

  it("says how far behind it is, until it is not", async () => {
    const { client } = serve(async function* (_, signal) {
      yield progress(0, 3);
      yield events(1, 2, 3);
      yield* hang(_, signal);
    });
    const log = new Log();
    const watch = new Watch(client, lastTen, log);
    void watch.run();
    await pass();
    expect(log.states.map(({ is }) => is)).toEqual(["connecting", "behind", "live"]);
    expect(log.states[1]).toEqual({ is: "behind", by: 3 });
    watch.stop();
  });

  it("is not live when nothing is heard for two heartbeats", async () => {
    const { client, requests } = serve(async function* (_, signal) {
      yield progress(0, 0);
      yield* hang(_, signal);
    });
    const log = new Log();
    const watch = new Watch(client, lastTen, log);
    void watch.run();
    await pass(silence - 1);
    expect(log.last).toMatchObject({ is: "live" });
    await pass(1);
    expect(log.last).toMatchObject({ is: "reconnecting" });
    await pass(500);
    expect(requests.length).toBe(2);
    watch.stop();
  });

  it("says when the server's store is away", async () => {
    const { client } = serve(async function* (_, signal) {
      yield progress(5, 5, "e1", Source.DISCONNECTED);
      yield* hang(_, signal);
    });
    const log = new Log();
    const watch = new Watch(client, lastTen, log);
    void watch.run();
    await pass();
    expect(log.last).toEqual({ is: "away" });
    watch.stop();
  });

  it("tells gaps, and goes over to a stream that was made anew", async () => {
    const { client } = serve(async function* (_, signal) {
      yield progress(0, 5);
      yield create(WatchPersonsResponseSchema, { gaps: [{ first: 1n, last: 3n, reason: GapReason.NOT_RETAINED }] });
      yield events(4, 5);
      yield create(WatchPersonsResponseSchema, { gaps: [{ first: 6n, last: 0n, reason: GapReason.EPOCH_CHANGED }] });
      yield progress(0, 1, "e2");
      yield events(1);
      yield* hang(_, signal);
    });
    const log = new Log();
    const watch = new Watch(client, lastTen, log);
    void watch.run();
    await pass();
    expect(log.sequences).toEqual([-1, 4, 5, -6, 1]);
    expect(log.rowsSeen.at(-1)).toMatchObject({ epoch: "e2", sequence: 1 });
    watch.stop();
  });

  it.each([
    [Code.InvalidArgument, "filter: column 3: what", { is: "refused", field: "filter", message: "column 3: what" }],
    [Code.DataLoss, "it fell behind", { is: "refused", field: undefined, message: "it fell behind" }],
    [Code.Unauthenticated, "who?", { is: "signedOut" }],
  ])("ends at an error that trying again does not cure: %s", async (code, message, state) => {
    const { client, requests } = serve(async function* () {
      throw new ConnectError(message, code);
    });
    const log = new Log();
    await new Watch(client, lastTen, log).run();
    expect(log.last).toEqual(state);
    expect(requests.length).toBe(1);
  });
});

describe("the hub", () => {
  it("has one watch for equal views, and sends a late page what is there", async () => {
    const { client, requests } = serve(async function* (_, signal) {
      yield progress(0, 2);
      yield events(1, 2);
      yield* hang(_, signal);
    });
    const hub = new Hub(client);
    const [first, second] = [new Page(hub), new Page(hub)];
    first.look(lastTen);
    await pass();
    second.look(lastTen);
    await pass();
    expect(requests.length).toBe(1);
    expect(second.sequences).toEqual([1, 2]);
    first.leave();
    second.leave();
  });

  it("lets more views wait than a browser has connections for", async () => {
    const { client, requests } = serve();
    const hub = new Hub(client);
    const pages = Array.from({ length: mostWatches + 1 }, (_, i) => {
      const page = new Page(hub);
      page.look({ start: { from: "last", count: i + 1 }, filter: "" });
      return page;
    });
    await pass();
    expect(pages.at(-1)?.connection).toEqual({ is: "waiting" });
    expect(requests.length).toBe(mostWatches);
    pages[0]?.leave();
    await pass();
    expect(requests.length).toBe(mostWatches + 1);
    for (const page of pages) page.leave();
  });

  it("forgets pages that have gone without a word", async () => {
    const { client } = serve();
    const hub = new Hub(client);
    const page = new Page(hub);
    page.look(lastTen);
    await pass();
    hub.sweep(Date.now() + 200_000);
    const next = new Page(hub);
    next.look(lastTen);
    expect(next.connection).toEqual({ is: "connecting" }); // it is a new watch
    next.leave();
  });
});

class Page {
  readonly #tell: ReturnType<Hub["join"]>;
  readonly messages: ToPage[] = [];

  constructor(hub: Hub) {
    this.#tell = hub.join({ postMessage: (message) => this.messages.push(message) });
  }

  look(view: View): void {
    this.#tell({ say: "look", view, unlimited: false });
  }

  leave(): void {
    this.#tell({ say: "leave" });
  }

  get sequences(): number[] {
    return this.messages.flatMap((m) => (m.say === "rows" ? m.rows : [])).map((row) => (row.kind === "gap" ? -1 : row.sequence));
  }

  get connection(): Connection | undefined {
    return this.messages.findLast((m) => m.say === "connection")?.connection;
  }
}
