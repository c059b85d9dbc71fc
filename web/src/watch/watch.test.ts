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
import { checkFilter } from "./filter";
import { patienceOf } from "./heartbeat";
import { Hub, mostAsked, mostWatches } from "./hub";
import type { News } from "./news";
import type { Position } from "./position";
import type { ToPage } from "./protocol";
import { type Row, rowsAfter } from "./row";
import type { View } from "./view";
import { Watch } from "./watch";

const heartbeat = 15_000;
const silence = patienceOf(heartbeat);

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
  position: Position | undefined;
  failed = 0;
  readonly take = ({ rows, connection, position, failed }: News): void => {
    this.rowsSeen.push(...rows);
    this.states.push(connection);
    this.position = position;
    this.failed = failed;
  };
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

/** Time goes by, and no timer notices. */
function sleep(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds);
}

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
    const watch = new Watch(client, lastTen, heartbeat, log.take);
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
    const watch = new Watch(client, lastTen, heartbeat, log.take);
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
    const watch = new Watch(client, lastTen, heartbeat, log.take);
    void watch.run();
    await pass(silence - 1);
    expect(log.last).toMatchObject({ is: "live" });
    await pass(1);
    expect(log.last).toMatchObject({ is: "reconnecting" });
    await pass(500);
    expect(requests.length).toBe(2);
    watch.stop();
  });

  it("does what is overdue when it is looked at, for timers stand still while a computer sleeps", async () => {
    const { client, requests } = serve(async function* (_, signal) {
      yield progress(0, 0);
      yield* hang(_, signal);
    });
    const log = new Log();
    const watch = new Watch(client, lastTen, heartbeat, log.take);
    void watch.run();
    await pass(1000);
    sleep(silence);
    watch.check();
    await pass();
    expect(log.last).toMatchObject({ is: "reconnecting" });
    watch.check();
    await pass();
    expect(requests.length).toBe(1); // it is not time yet
    sleep(500);
    watch.check();
    await pass();
    expect(requests.length).toBe(2);
    watch.stop();
  });

  it("does not believe what it heard before the clock was set back", async () => {
    const { client } = serve(async function* (_, signal) {
      yield progress(0, 0);
      yield* hang(_, signal);
    });
    const log = new Log();
    const watch = new Watch(client, lastTen, heartbeat, log.take);
    void watch.run();
    await pass(1000);
    sleep(-3_600_000);
    watch.check();
    await pass();
    expect(log.last).toMatchObject({ is: "reconnecting" });
    watch.stop();
  });

  it("goes on from after a position that it is given", async () => {
    const { client, requests } = serve();
    const watch = new Watch(client, lastTen, heartbeat, () => undefined, { epoch: "e1", sequence: 7 });
    void watch.run();
    await pass();
    expect(requests[0]?.start).toMatchObject({ case: "after", value: { epoch: "e1", sequence: 7n } });
    watch.stop();
  });

  it("says once that a stream was made anew, also when it breaks before it knows the new one", async () => {
    const anew = create(WatchPersonsResponseSchema, { gaps: [{ first: 3n, last: 0n, reason: GapReason.EPOCH_CHANGED }] });
    const { client } = serve(
      async function* () {
        yield progress(0, 2);
        yield events(1, 2);
        yield anew;
        throw new ConnectError("stopping", Code.Unavailable);
      },
      async function* (_, signal) {
        yield anew;
        yield progress(0, 1, "e2");
        yield events(1);
        yield* hang(_, signal);
      },
    );
    const log = new Log();
    const watch = new Watch(client, lastTen, heartbeat, log.take);
    void watch.run();
    await pass(500);
    expect(log.sequences).toEqual([1, 2, -3, 1]);
    expect(log.position).toEqual({ epoch: "e2", sequence: 1 });
    watch.stop();
  });

  it("says when the server's store is away", async () => {
    const { client } = serve(async function* (_, signal) {
      const away = progress(5, 5, "e1", Source.DISCONNECTED);
      if (away.progress !== undefined) away.progress.reason = "there is no stream";
      yield away;
      yield* hang(_, signal);
    });
    const log = new Log();
    const watch = new Watch(client, lastTen, heartbeat, log.take);
    void watch.run();
    await pass();
    expect(log.last).toEqual({ is: "away", why: "there is no stream" });
    watch.stop();
  });

  it("counts whom its filter failed for, also in streams before that broke", async () => {
    const failing = (failed: bigint) => {
      const response = progress(1, 1);
      if (response.progress !== undefined) response.progress.failed = failed;
      return response;
    };
    const { client } = serve(
      async function* () {
        yield failing(2n);
        throw new ConnectError("stopping", Code.Unavailable);
      },
      async function* (_, signal) {
        yield failing(0n);
        yield failing(3n);
        yield* hang(_, signal);
      },
    );
    const log = new Log();
    const watch = new Watch(client, lastTen, heartbeat, log.take);
    void watch.run();
    await pass(500);
    expect(log.failed).toBe(5);
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
    const watch = new Watch(client, lastTen, heartbeat, log.take);
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
    await new Watch(client, lastTen, heartbeat, log.take).run();
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
    const hub = new Hub(client, heartbeat);
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
    const hub = new Hub(client, heartbeat);
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

  it("lets a view that waits start when another is refused", async () => {
    const { client, requests } = serve(async function* () {
      throw new ConnectError("filter: column 1: what", Code.InvalidArgument);
    });
    const hub = new Hub(client, heartbeat);
    const pages = Array.from({ length: mostWatches + 1 }, (_, i) => {
      const page = new Page(hub);
      page.look({ start: { from: "last", count: i + 1 }, filter: "" });
      return page;
    });
    await pass();
    expect(pages[0]?.connection).toMatchObject({ is: "refused" });
    expect(requests.length).toBe(mostWatches + 1);
    for (const page of pages) page.leave();
  });

  it("asks again for whoever looks anew at what a server wanted to know about", async () => {
    const { client } = serve(
      async function* () {
        throw new ConnectError("who?", Code.Unauthenticated);
      },
      async function* (_, signal) {
        yield progress(0, 0);
        yield* hang(_, signal);
      },
    );
    const hub = new Hub(client, heartbeat);
    const [before, after] = [new Page(hub), new Page(hub)];
    before.look(lastTen);
    await pass();
    expect(before.connection).toEqual({ is: "signedOut" });
    after.look(lastTen);
    await pass();
    expect([before.connection, after.connection]).toEqual([{ is: "live" }, { is: "live" }]);
    before.leave();
    after.leave();
  });

  it("lets go of a page that does not answer, and takes it back where it was", async () => {
    const { client, requests } = serve(
      async function* (_, signal) {
        yield progress(0, 2);
        yield events(1, 2);
        yield* hang(_, signal);
      },
      async function* (_, signal) {
        yield progress(2, 4);
        yield events(3, 4);
        yield* hang(_, signal);
      },
    );
    const hub = new Hub(client, heartbeat);
    const page = new Page(hub);
    page.look(lastTen);
    await pass();
    page.frozen = true;
    for (let i = 0; i <= mostAsked; i++) hub.sweep();
    await pass();
    page.frozen = false;
    page.here();
    await pass();
    expect(requests[1]?.start).toMatchObject({ case: "after", value: { epoch: "e1", sequence: 2n } });
    expect(page.sequences).toEqual([1, 2, 3, 4]);
    expect(page.connection).toEqual({ is: "live" });
    page.leave();
  });

  it("keeps a page that answers, and one that could not while nobody asked", async () => {
    const { client, requests } = serve();
    const hub = new Hub(client, heartbeat);
    const page = new Page(hub);
    page.look(lastTen);
    await pass();
    for (let i = 0; i < 3 * mostAsked; i++) hub.sweep();
    sleep(3_600_000);
    hub.sweep();
    page.here();
    await pass();
    expect(page.messages.some(({ say }) => say === "lost")).toBe(false);
    expect(requests.length).toBe(1);
    page.leave();
  });

  it("gives a page that comes back what others have seen meanwhile, and no more", async () => {
    let tell: (response: WatchPersonsResponse) => void = () => undefined;
    const { client, requests } = serve(async function* (_, signal) {
      yield progress(0, 2);
      yield events(1, 2);
      for (;;) {
        const response = await new Promise<WatchPersonsResponse | undefined>((resolve) => {
          tell = resolve;
          signal.addEventListener("abort", () => resolve(undefined));
        });
        if (response === undefined) return;
        yield response;
      }
    });
    const hub = new Hub(client, heartbeat);
    const [kept, frozen] = [new Page(hub), new Page(hub)];
    kept.look(lastTen);
    frozen.look(lastTen);
    await pass();
    frozen.frozen = true;
    for (let i = 0; i <= mostAsked; i++) hub.sweep();
    tell(events(3));
    await pass();
    tell(create(WatchPersonsResponseSchema, { gaps: [{ first: 4n, last: 5n, reason: GapReason.DELETED }] }));
    await pass();
    frozen.frozen = false;
    frozen.here();
    tell(events(6));
    await pass();
    expect(frozen.sequences).toEqual([1, 2, 3, -4, 6]);
    expect(kept.sequences).toEqual([1, 2, 3, -4, 6]);
    expect(requests.length).toBe(1);
    const fresh = new Page(hub);
    fresh.look(lastTen);
    expect(fresh.sequences).toEqual([1, 2, 3, -4, 6]);
    for (const page of [kept, frozen, fresh]) page.leave();
  });

  it("does not begin a view for others with what one page has missed", async () => {
    const { client, requests } = serve();
    const hub = new Hub(client, heartbeat);
    const back = new Page(hub);
    back.look(lastTen, { epoch: "e1", sequence: 7 });
    const fresh = new Page(hub);
    fresh.look(lastTen);
    await pass();
    expect(requests.map(({ start }) => start.case)).toEqual(["after", "last"]);
    back.leave();
    fresh.leave();
  });
});

describe("what a page does not know", () => {
  const row = (sequence: number, epoch = "e1"): Row => ({ kind: "rejected", epoch, sequence, publishedAt: 0, reason: "", size: 0 });
  const gap = (first: number, last: number, epoch = "e1"): Row => ({ kind: "gap", epoch, first, last, reason: last === 0 ? "epochChanged" : "deleted" });
  it.each<[string, Row[], number, Row[]]>([
    ["nothing, of no rows", [], 3, []],
    ["all that follows", [row(1), row(3), row(4)], 3, [row(4)]],
    ["nothing, where a filter left the last out", [row(1), row(2)], 3, []],
    ["the rest of a gap", [row(1), gap(2, 5), row(6)], 3, [gap(4, 5), row(6)]],
    ["that the stream was made anew", [row(3), gap(4, 0)], 3, [gap(4, 0)]],
    ["what follows in the epoch that it knows", [row(9, "e0"), gap(10, 0, "e0"), row(3), row(4)], 3, [row(4)]],
    ["all of the epoch", [row(9, "e0"), gap(10, 0, "e0"), row(4)], 0, [row(4)]],
  ])("is %s", (_, rows, sequence, unknown) => {
    expect(rowsAfter(rows, { epoch: "e1", sequence })).toEqual(unknown);
  });
});

describe("a filter", () => {
  it.each<[string, Script, object]>([
    ["is accepted once the server says anything", async function* () { yield progress(0, 0); }, { is: "accepted" }],
    [
      "is refused where the server says so",
      async function* () { throw new ConnectError("filter: column 3: what", Code.InvalidArgument); },
      { is: "refused", message: "column 3: what" },
    ],
    [
      "is refused where there are too many",
      async function* () { throw new ConnectError("1000 filters at a time", Code.ResourceExhausted); },
      { is: "refused", message: "1000 filters at a time" },
    ],
    ["is not known where the server is away", async function* () { throw new ConnectError("away", Code.Unavailable); }, { is: "unanswered" }],
    ["is not known where the server wants to know who asks", async function* () { throw new ConnectError("who?", Code.Unauthenticated); }, { is: "unanswered" }],
  ])("%s", async (_, script, check) => {
    const { client, requests } = serve(script);
    expect(await checkFilter(client, "true")).toEqual(check);
    expect(requests[0]).toMatchObject({ filter: "true", start: { case: undefined } });
  });
});

/** A page that does as the store does. */
class Page {
  readonly #tell: ReturnType<Hub["join"]>;
  readonly messages: ToPage[] = [];
  frozen = false;
  #turn = 0;
  #view = lastTen;
  #position: Position | undefined;

  constructor(hub: Hub) {
    this.#tell = hub.join({ postMessage: (message) => this.#take(message) });
  }

  #take(message: ToPage): void {
    if (this.frozen || ("turn" in message && message.turn !== this.#turn)) return;
    this.messages.push(message);
    if (message.say === "news") this.#position = message.news.position;
    if (message.say === "ask") this.here();
    if (message.say === "lost") this.look(this.#view, this.#position);
  }

  look(view: View, after?: Position): void {
    this.#view = view;
    this.#turn++;
    this.#tell({ say: "look", turn: this.#turn, view, after, unlimited: false });
  }

  here(): void {
    this.#tell({ say: "here" });
  }

  leave(): void {
    this.#tell({ say: "leave" });
  }

  get #news(): News[] {
    return this.messages.flatMap((message) => (message.say === "news" ? [message.news] : []));
  }

  get sequences(): number[] {
    return this.#news.flatMap(({ rows }) => rows).map((row) => (row.kind === "gap" ? -row.first : row.sequence));
  }

  get connection(): Connection | undefined {
    return this.#news.at(-1)?.connection;
  }
}
