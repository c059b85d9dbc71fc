import { create } from "@bufbuild/protobuf";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { SubmissionErrorSchema, type SubmissionResult, SubmissionResultSchema, type SubmitPersonRequest, SubmitPersonResponseSchema } from "../gen/contact/v1/submit_pb";
import { ForeignAnswer } from "./foreignanswer";
import { FileImport } from "./fileimport";

vi.mock("../watch/backoff", () => ({ delayBefore: () => 0 }));

/** Takes what it is sent, once for each key, and answers otherwise where it is told to. */
class Gateway {
  readonly stored = new Map<string, string>();
  calls = 0;
  /** What it answers to a person by name, instead of storing them. */
  readonly errors = new Map<string, { code: string; reason?: string; seconds?: number }>();
  /** What it does instead of answering, call by call. */
  before: (call: number) => void | Promise<void> = () => {};
  after: (call: number) => void = () => {};

  readonly send = async (submissions: SubmitPersonRequest[]): Promise<SubmissionResult[]> => {
    const call = ++this.calls;
    await this.before(call);
    const results = submissions.map((submission) => this.#take(submission));
    this.after(call);
    return results;
  };

  #take({ person, idempotencyKey }: SubmitPersonRequest): SubmissionResult {
    const name = person?.name ?? "";
    const error = this.errors.get(name);
    if (error !== undefined) {
      const { code, reason = "", seconds } = error;
      const value = create(SubmissionErrorSchema, { code, reason, message: "said the server", ...(seconds !== undefined && { retryDelay: { seconds: BigInt(seconds) } }) });
      return create(SubmissionResultSchema, { result: { case: "error", value } });
    }
    const duplicate = this.stored.has(idempotencyKey);
    this.stored.set(idempotencyKey, name);
    return create(SubmissionResultSchema, { result: { case: "stored", value: create(SubmitPersonResponseSchema, { epoch: "e", sequence: 1n, duplicate }) } });
  }
}

function csv(count: number, name = "people.csv"): File {
  return new File([`name,email\n${Array.from({ length: count }, (_, i) => `P${i + 1},p${i + 1}@example.org\n`).join("")}`], name);
}

let gateway: Gateway;
let fileImport: FileImport;

beforeEach(() => {
  gateway = new Gateway();
  fileImport = new FileImport(gateway.send);
});

/** Throws as a proxy does that answers in the server's place. */
function answers(status: number): never {
  throw new ForeignAnswer(new Response("", { status }));
}

describe("an import", () => {
  it("submits a file, part by part", async () => {
    await fileImport.take(csv(450));
    expect(fileImport.snapshot()).toMatchObject({ is: "chosen", rest: 450 });
    await fileImport.start();
    expect(fileImport.snapshot()).toMatchObject({ is: "done", stored: 450, duplicates: 0, refused: [], rest: 0 });
    expect([...gateway.stored.values()].slice(198, 202)).toEqual(["P199", "P200", "P201", "P202"]);
  });

  it("goes on after answers that were lost, and stores everybody once", async () => {
    gateway.before = (call) => {
      if (call === 1) answers(503);
    };
    gateway.after = (call) => {
      if (call === 3) throw new TypeError("Failed to fetch");
    };
    await fileImport.take(csv(450));
    await fileImport.start();
    expect(fileImport.snapshot()).toMatchObject({ is: "done", stored: 250, duplicates: 200, rest: 0 });
    expect(gateway.stored.size).toBe(450);
  });

  it("is of use to those who can't be stored, too", async () => {
    gateway.errors.set("P2", { code: "invalid_argument" }).set("P3", { code: "already_exists" });
    await fileImport.take(csv(4));
    await fileImport.start();
    expect(fileImport.snapshot()).toMatchObject({ is: "done", stored: 2, refused: [{ entry: { line: 3 } }, { entry: { line: 4 } }] });
  });

  it("sends rows again that may be, and no others", async () => {
    gateway.errors.set("P2", { code: "unavailable", reason: "NATS_AWAY", seconds: 0 });
    gateway.after = () => gateway.errors.clear();
    await fileImport.take(csv(3));
    await fileImport.start();
    expect(fileImport.snapshot()).toMatchObject({ is: "done", stored: 3, duplicates: 0, refused: [] });
    expect(gateway.calls).toBe(2);
  });

  it.each([
    ["STREAM_FULL", { code: "resource_exhausted", reason: "STREAM_FULL" }, "full", 2],
    ["settings that keep everybody out", { code: "failed_precondition", reason: "STREAM_SETTINGS" }, "settings", 2],
    ["a full disk", { code: "unavailable", reason: "STORAGE", seconds: 1 }, "storage", 2],
    ["a store that stays away", { code: "unavailable", reason: "NATS_AWAY", seconds: 0 }, "away", 6],
  ])("stops at %s, and goes on from there when it is told to", async (_, error, why, calls) => {
    for (let n = 251; n <= 450; n++) gateway.errors.set(`P${n}`, error);
    await fileImport.take(csv(450));
    await fileImport.start();
    expect(fileImport.snapshot()).toMatchObject({ is: "stopped", stored: 250, refused: [], rest: 200, refusal: { why } });
    expect(gateway.calls).toBe(calls);
    gateway.errors.clear();
    await fileImport.start();
    expect(fileImport.snapshot()).toMatchObject({ is: "done", stored: 450, duplicates: 0, rest: 0, refusal: undefined });
  });

  it.each([
    [413, "tooLarge", 1],
    [401, "signedOut", 1],
    [502, "proxy", 5],
  ])("stops at HTTP %d", async (status, why, calls) => {
    gateway.before = () => answers(status);
    await fileImport.take(csv(3));
    await fileImport.start();
    expect(fileImport.snapshot()).toMatchObject({ is: "stopped", rest: 3, refusal: { why } });
    expect(gateway.calls).toBe(calls);
  });

  it("that is stopped says how many are stored, and goes on", async () => {
    gateway.before = (call) => {
      if (call === 2) {
        fileImport.stop();
        throw new DOMException("aborted", "AbortError");
      }
    };
    await fileImport.take(csv(450));
    await fileImport.start();
    expect(fileImport.snapshot()).toMatchObject({ is: "stopped", stored: 200, rest: 250, refusal: { why: "stoppedHere" } });
    await fileImport.start();
    expect(fileImport.snapshot()).toMatchObject({ is: "done", stored: 450 });
  });

  it("of the same file has the same keys", async () => {
    await fileImport.take(csv(3));
    await fileImport.start();
    await fileImport.take(csv(3, "the same.csv"));
    await fileImport.start();
    expect(fileImport.snapshot()).toMatchObject({ is: "done", stored: 0, duplicates: 3 });
    await fileImport.take(csv(2));
    await fileImport.start();
    expect(fileImport.snapshot()).toMatchObject({ is: "done", stored: 2, duplicates: 0 });
  });
});

describe("another file", () => {
  it("is taken before an import, and after it, but not during it", async () => {
    await fileImport.take(csv(3, "a.csv"));
    await fileImport.take(csv(2, "b.csv"));
    expect(fileImport.snapshot()).toMatchObject({ rest: 2, turnedAway: undefined });
    let during: unknown;
    gateway.before = async () => {
      await fileImport.take(csv(3, "c.csv"));
      fileImport.close();
      during = fileImport.snapshot();
      answers(403);
    };
    await fileImport.start();
    expect(during).toMatchObject({ is: "underWay", rest: 2, turnedAway: "c.csv" });
    await fileImport.take(csv(3, "d.csv"));
    expect(fileImport.snapshot()).toMatchObject({ is: "stopped", rest: 2, turnedAway: "d.csv" });
    fileImport.close();
    await fileImport.take(csv(3, "d.csv"));
    expect(fileImport.snapshot()).toMatchObject({ is: "chosen", rest: 3, turnedAway: undefined });
  });

  it("that can't be read is said to be", async () => {
    const file = csv(3);
    file.arrayBuffer = () => Promise.reject(new DOMException("gone", "NotFoundError"));
    await fileImport.take(file);
    expect(fileImport.snapshot()).toMatchObject({ entries: [], trouble: "unreadable", rest: 0 });
  });
});
