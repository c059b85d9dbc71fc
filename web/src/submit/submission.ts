// The person who is being filled in. It outlives the panel that shows it: whatever the
// panel makes way for, what was typed stays, and what is being sent is sent.

import { toJsonString } from "@bufbuild/protobuf";
import { type Person as PersonMessage, PersonSchema } from "../gen/contact/v1/person_pb";
import type { SubmitPersonRequest, SubmitPersonResponse } from "../gen/contact/v1/submit_pb";
import { newKey } from "../idempotency/key";
import type { Position } from "../watch/position";
import { type Draft, emptyDraft, isEmpty, toRequest } from "./draft";
import type { DraftStorage, Sent } from "./draftstorage";
import { type Refusal, refusal } from "./refusal";
import { persist } from "./persist";

export type Outcome =
  | { readonly is: "stored"; readonly position: Position; readonly duplicate: boolean }
  | { readonly is: "refused"; readonly refusal: Refusal };

export interface SubmissionState {
  /** Counts the persons that were filled in: each has a form of its own. */
  readonly number: number;
  readonly draft: Draft;
  /** From 1 while it is being sent, else 0. */
  readonly attempt: number;
  /** Why there is a second attempt, and so on. */
  readonly last: Refusal | undefined;
  readonly outcome: Outcome | undefined;
  /** Undefined where it is sure that nothing is stored. */
  readonly sent: Sent | undefined;
  /** The draft was changed since it was sent. */
  readonly changed: boolean;
}

export type Send = (request: SubmitPersonRequest, signal: AbortSignal) => Promise<SubmitPersonResponse>;

const fresh: Omit<SubmissionState, "number"> = {
  draft: emptyDraft,
  attempt: 0,
  last: undefined,
  outcome: undefined,
  sent: undefined,
  changed: false,
};

export class Submission {
  readonly #storage: DraftStorage;
  readonly #send: Send;
  readonly #listeners = new Set<() => void>();
  #state: SubmissionState = { ...fresh, number: 1 };
  #kept = true;
  #sending: AbortController | undefined;

  constructor(storage: DraftStorage, send: Send) {
    this.#storage = storage;
    this.#send = send;
    const kept = storage.load();
    if (kept === undefined) return;
    const { draft, sent } = kept;
    const outcome: Outcome | undefined = sent && { is: "refused", refusal: refusal("pageLeft") };
    this.#state = { ...this.#state, draft, sent, outcome, changed: isChanged(draft, sent) };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): SubmissionState => this.#state;

  /** Whether something would be lost with the page. What is kept is not: a reload has it again, and so has a tab that is opened again. */
  get isAtRisk(): boolean {
    return this.#state.attempt > 0 || (!this.#kept && !isEmpty(this.#state.draft));
  }

  change(change: Partial<Draft>): void {
    if (this.#state.attempt > 0) return;
    const draft = { ...this.#state.draft, ...change };
    const { sent, outcome } = this.#state;
    // What may be stored stays said, until what is here is stored or discarded.
    this.#set({ draft, outcome: sent && withoutMistakes(outcome), changed: isChanged(draft, sent) });
  }

  /** Sends it, under the key that it was sent under before. */
  async send(onStored: (position: Position) => void): Promise<void> {
    if (this.#state.attempt > 0) return;
    const { draft } = this.#state;
    const person = personText(draft);
    const before = this.#state.sent?.person === person ? this.#state.sent : undefined;
    const sent = before ?? { key: newKey(), person, at: Date.now() };
    const abort = new AbortController();
    this.#sending = abort;
    // Until there is an answer it may be stored, should the page be left meanwhile.
    this.#set({ attempt: 1, last: undefined, outcome: undefined, changed: false, sent });
    const request = toRequest(draft, sent.key);
    const reply = await persist(
      () => this.#send(request, abort.signal),
      (attempt, last) => this.#set({ attempt, last }),
      abort.signal,
    );
    if (reply.is === "answer") {
      const { epoch, sequence, duplicate } = reply.answer;
      const position = { epoch, sequence: Number(sequence) };
      this.#begin({ is: "stored", position, duplicate });
      onStored(position);
      return;
    }
    // Under a key that another person has it would be refused for ever.
    const maybeStored = reply.refusal.why !== "otherPerson" && (reply.refusal.maybeStored || before !== undefined);
    this.#set({
      attempt: 0,
      last: undefined,
      outcome: { is: "refused", refusal: { ...reply.refusal, maybeStored } },
      sent: maybeStored ? sent : undefined,
    });
  }

  /** Waits for no answer any more. */
  stop(): void {
    this.#sending?.abort();
  }

  discard(): void {
    if (this.#state.attempt === 0) this.#begin(undefined);
  }

  /** The next person's form is a fresh one. */
  #begin(outcome: Outcome | undefined): void {
    this.#set({ ...fresh, number: this.#state.number + 1, outcome });
  }

  #set(change: Partial<SubmissionState>): void {
    this.#state = { ...this.#state, ...change };
    const { draft, sent } = this.#state;
    this.#kept = this.#storage.save(isEmpty(draft) ? undefined : { draft, sent });
    for (const listener of this.#listeners) listener();
  }
}

function isChanged(draft: Draft, sent: Sent | undefined): boolean {
  return sent !== undefined && sent.person !== personText(draft);
}

function withoutMistakes(outcome: Outcome | undefined): Outcome | undefined {
  return outcome?.is === "refused" ? { is: "refused", refusal: { ...outcome.refusal, mistakes: new Map() } } : outcome;
}

/** The same for the same person. */
function personText(draft: Draft): string {
  return toJsonString(PersonSchema, toRequest(draft, "").person as PersonMessage);
}
