// A file of persons on its way into the stream. It outlives the panel that shows it.

import type { SubmissionResult } from "../gen/contact/v1/submit_pb";
import type { SubmitPersonRequest } from "../gen/contact/v1/submit_pb";
import { request } from "./draft";
import { hashOf } from "./hash";
import { mostAttempts, once, pauseBefore } from "./persist";
import { type Entry, readBytes, type Trouble } from "./read";
import { type Refusal, refusal, refusalOfOne } from "./refusal";

/** So many are sent in one call; the API takes up to 1,000. */
const batch = 200;

/** A row that is not stored, and will not be. */
export interface RefusedRow {
  readonly entry: Entry;
  readonly refusal: Refusal;
}

export interface FileImportState {
  readonly file: File | undefined;
  /** Undefined while it is read. */
  readonly entries: readonly Entry[] | undefined;
  /** Why there are none. */
  readonly trouble: Trouble | undefined;
  readonly is: "chosen" | "underWay" | "stopped" | "done";
  readonly stored: number;
  readonly duplicates: number;
  readonly refused: readonly RefusedRow[];
  /** How many have no answer yet that would be the last. */
  readonly rest: number;
  /** Why it stopped. */
  readonly refusal: Refusal | undefined;
  /** A file that was not taken, since this one is not done. */
  readonly turnedAway: string | undefined;
}

const none: FileImportState = {
  file: undefined,
  entries: undefined,
  trouble: undefined,
  is: "chosen",
  stored: 0,
  duplicates: 0,
  refused: [],
  rest: 0,
  refusal: undefined,
  turnedAway: undefined,
};

export type SendMany = (submissions: SubmitPersonRequest[], signal: AbortSignal) => Promise<readonly SubmissionResult[]>;

/** A row with the key that makes it the same whenever its file is submitted. */
interface Keyed {
  readonly entry: Entry;
  readonly key: string;
}

export class FileImport {
  readonly #send: SendMany;
  readonly #listeners = new Set<() => void>();
  #state = none;
  /** The rows without an answer that would be the last, in the file's order. */
  #rest: readonly Keyed[] = [];
  #sending: AbortController | undefined;

  constructor(send: SendMany) {
    this.#send = send;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): FileImportState => this.#state;

  get isUnderWay(): boolean {
    return this.#state.is === "underWay";
  }

  /** Takes another file, unless one is begun and not done. */
  async take(file: File): Promise<void> {
    const { is } = this.#state;
    if (is === "underWay" || is === "stopped") {
      this.#set({ turnedAway: file.name });
      return;
    }
    this.#rest = [];
    this.#set({ ...none, file });
    const read = await load(file);
    if (this.#state.file !== file) return;
    this.#rest = read.keyed;
    this.#set({ entries: read.keyed.map(({ entry }) => entry), trouble: read.trouble, rest: read.keyed.length });
  }

  /** Gives the file back. */
  close(): void {
    if (this.isUnderWay) return;
    this.#rest = [];
    this.#set(none);
  }

  /** Submits the rows that have no last answer yet. */
  async start(): Promise<void> {
    if (this.isUnderWay || this.#rest.length === 0) return;
    const abort = new AbortController();
    this.#sending = abort;
    this.#set({ is: "underWay", refusal: undefined, turnedAway: undefined });
    let failures = 0;
    while (this.#rest.length > 0) {
      const before = this.#rest.length;
      const stopped = await this.#sendSome(abort.signal);
      if (stopped === undefined) continue;
      failures = this.#rest.length < before ? 1 : failures + 1;
      if (stopped.retry !== "soon" || failures === mostAttempts) {
        this.#set({ is: "stopped", refusal: stopped });
        return;
      }
      await pauseBefore(failures, stopped, abort.signal);
    }
    this.#set({ is: "done" });
  }

  stop(): void {
    this.#sending?.abort();
  }

  /** Sends the next rows; returns why some of them have no last answer. */
  async #sendSome(signal: AbortSignal): Promise<Refusal | undefined> {
    const part = this.#rest.slice(0, batch);
    const reply = await once(() => this.#send(part.map(({ entry, key }) => request(entry.person, key)), signal), signal);
    if (reply.is === "refusal") return reply.refusal;
    let { stored, duplicates } = this.#state;
    const refused: RefusedRow[] = [];
    const rest: Keyed[] = [];
    let why: Refusal | undefined;
    part.forEach((row, i) => {
      const result = reply.answer[i]?.result;
      if (result?.case === "stored") {
        if (result.value.duplicate) duplicates++;
        else stored++;
        return;
      }
      const found = result?.case === "error" ? refusalOfOne(result.value) : refusal("noAnswer");
      if (found.ofPerson) refused.push({ entry: row.entry, refusal: found });
      else {
        rest.push(row);
        why = worse(why, found);
      }
    });
    this.#rest = [...rest, ...this.#rest.slice(batch)];
    this.#set({ stored, duplicates, refused: [...this.#state.refused, ...refused], rest: this.#rest.length });
    return why;
  }

  #set(change: Partial<FileImportState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** Of two reasons the one that lasts longer. */
function worse(one: Refusal | undefined, other: Refusal): Refusal {
  const order = ["soon", "later", "never"] as const;
  return one === undefined || order.indexOf(other.retry) > order.indexOf(one.retry) ? other : one;
}

async function load(file: File): Promise<{ keyed: readonly Keyed[]; trouble: Trouble | undefined }> {
  let bytes: ArrayBuffer;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    return { keyed: [], trouble: "unreadable" }; // moved, changed or not permitted since it was chosen
  }
  const { entries, trouble } = readBytes(bytes);
  const hash = await hashOf(new Uint8Array(bytes));
  return { keyed: entries.map((entry, i) => ({ entry, key: `${hash}-${i + 1}` })), trouble };
}
