import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type SubmitPersonRequest, SubmitPersonResponseSchema } from "../gen/contact/v1/submit_pb";
import { ForeignAnswer } from "./foreignanswer";
import { emptyDraft } from "./draft";
import type { DraftStorage, Kept } from "./draftstorage";
import { Submission } from "./submission";

vi.mock("../watch/backoff", () => ({ delayBefore: () => 0 }));

const ada = { ...emptyDraft, name: "Ada", email: "ada@example.org" };
const stored = () => Promise.resolve(create(SubmitPersonResponseSchema, { epoch: "e", sequence: 7n }));
const lost = () => Promise.reject(new TypeError("Failed to fetch"));
const forbidden = () => Promise.reject(new ForeignAnswer(new Response("", { status: 403 })));
const busy = () => Promise.reject(new ForeignAnswer(new Response("", { status: 429 })));

/** A tab's storage: it outlives the page. */
class Tab implements DraftStorage {
  kept: Kept | undefined;
  full = false;
  load(): Kept | undefined {
    return this.kept;
  }
  save(kept: Kept | undefined): boolean {
    if (this.full) return false;
    this.kept = kept === undefined ? undefined : (JSON.parse(JSON.stringify(kept)) as Kept);
    return true;
  }
}

let tab: Tab;
let sent: SubmitPersonRequest[];

beforeEach(() => {
  tab = new Tab();
  sent = [];
});

/** A page in the tab, whose server answers so, the last answer again and again. */
function page(...answers: (() => Promise<Awaited<ReturnType<typeof stored>>>)[]): Submission {
  return new Submission(tab, (request) => {
    sent.push(request);
    return ((answers.length > 1 ? answers.shift() : answers[0]) ?? stored)();
  });
}

const keys = () => new Set(sent.map(({ idempotencyKey }) => idempotencyKey)).size;

async function send(submission: Submission): Promise<void> {
  await submission.send(() => {});
}

describe("a draft", () => {
  it("outlives the page, and ends when it is stored", async () => {
    page(stored).change(ada);
    const later = page(stored);
    expect(later.snapshot().draft).toEqual(ada);
    await send(later);
    expect(later.snapshot()).toMatchObject({ number: 2, draft: emptyDraft, outcome: { is: "stored", position: { epoch: "e", sequence: 7 } } });
    expect(page(stored).snapshot()).toMatchObject({ draft: emptyDraft, outcome: undefined });
  });

  it("ends when it is discarded", () => {
    const submission = page(stored);
    submission.change(ada);
    submission.discard();
    expect(submission.snapshot().draft).toEqual(emptyDraft);
    expect(tab.kept).toBeUndefined();
  });

  it("is at risk while it can't be kept, and while it is sent", async () => {
    const submission = page(stored);
    submission.change(ada);
    expect(submission.isAtRisk).toBe(false);
    const sending = send(submission);
    expect(submission.isAtRisk).toBe(true);
    await sending;
    expect(submission.isAtRisk).toBe(false);
    tab.full = true;
    submission.change(ada);
    expect(submission.isAtRisk).toBe(true);
  });

  it("does not change while it is sent", async () => {
    const submission = page(stored);
    submission.change(ada);
    const sending = send(submission);
    submission.change({ name: "Grace" });
    submission.discard();
    await Promise.all([sending, send(submission)]);
    expect(sent.map(({ person }) => person?.name)).toEqual(["Ada"]);
  });
});

describe("a key", () => {
  it("is the same for all attempts", async () => {
    const submission = page(lost, busy, stored);
    submission.change(ada);
    await send(submission);
    expect(sent.length).toBe(3);
    expect(keys()).toBe(1);
  });

  it("outlives the page, where the person may be stored", async () => {
    const submission = page(lost);
    submission.change(ada);
    await send(submission);
    expect(submission.snapshot().outcome).toMatchObject({ refusal: { why: "noAnswer", maybeStored: true } });
    const later = page(stored);
    expect(later.snapshot().outcome).toMatchObject({ refusal: { why: "pageLeft", maybeStored: true } });
    await send(later);
    expect(keys()).toBe(1);
  });

  it("outlives a page that was left before the answer", () => {
    const submission = page(() => new Promise(() => {}));
    submission.change(ada);
    void send(submission);
    void send(page(stored));
    expect(sent.length).toBe(2);
    expect(keys()).toBe(1);
  });

  it("is another's for another person, and the same again for the same", async () => {
    const submission = page(lost);
    submission.change(ada);
    await send(submission);
    submission.change({ name: "Grace" });
    expect(submission.snapshot()).toMatchObject({ changed: true, outcome: { refusal: { why: "noAnswer" } } });
    submission.change({ name: "Ada " }); // which is trimmed
    expect(submission.snapshot().changed).toBe(false);
    await send(submission);
    expect(keys()).toBe(1);
    submission.change({ name: "Grace" });
    await send(submission);
    expect(keys()).toBe(2);
  });

  it("is given up where another person has it", async () => {
    const submission = page(() => Promise.reject(wire(Code.AlreadyExists)), stored);
    submission.change(ada);
    await send(submission);
    expect(submission.snapshot().outcome).toMatchObject({ refusal: { why: "otherPerson" } });
    await send(submission);
    expect(keys()).toBe(2);
  });
});

describe("a refusal", () => {
  it("that lasts is not answered with another attempt", async () => {
    const submission = page(forbidden);
    submission.change(ada);
    await send(submission);
    expect(sent.length).toBe(1);
    expect(submission.snapshot()).toMatchObject({ draft: ada, outcome: { refusal: { why: "forbidden", retry: "never", maybeStored: false } } });
  });

  it("that passes is, five times at most", async () => {
    const submission = page(busy);
    submission.change(ada);
    await send(submission);
    expect(sent.length).toBe(5);
    expect(submission.snapshot().outcome).toMatchObject({ refusal: { why: "busy", maybeStored: false } });
  });

  it("after an attempt without an answer leaves it unknown", async () => {
    for (const answers of [[lost, forbidden], [forbidden]]) {
      const submission = page(...answers);
      submission.change(ada);
      await send(submission);
      expect(submission.snapshot().outcome).toMatchObject({ refusal: { why: "forbidden", maybeStored: true } });
    }
    expect(keys()).toBe(1);
  });

  it("of fields is forgotten when they are changed", async () => {
    const submission = page(lost);
    submission.change(ada);
    await send(submission);
    submission.change({ name: "Grace" });
    expect(submission.snapshot().outcome).toMatchObject({ refusal: { mistakes: new Map() } });
  });
});

it("is stopped between two attempts, and while there is no answer", async () => {
  const submission = page(busy, () => new Promise(() => {}));
  submission.change(ada);
  submission.subscribe(() => submission.snapshot().attempt === 2 && submission.stop());
  await send(submission);
  expect(submission.snapshot()).toMatchObject({ attempt: 0, outcome: { refusal: { why: "stoppedHere" } } });
});

function wire(code: Code): ConnectError {
  const err = new ConnectError("said the server", code);
  err.isWireError = true;
  return err;
}
