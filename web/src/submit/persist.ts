// Calling again where that makes sense: with its key a person is stored once, however
// often it is sent.

import { delayBefore } from "../watch/backoff";
import { type Refusal, refusal, refusalOf } from "./refusal";

/** So often in a row it is sent before a person is asked. */
export const mostAttempts = 5;

export type Reply<T> = { readonly is: "answer"; readonly answer: T } | { readonly is: "refusal"; readonly refusal: Refusal };

/** Calls until there is an answer that another call would not change. */
export async function persist<T>(call: () => Promise<T>, onAgain: (attempt: number, last: Refusal) => void, signal: AbortSignal): Promise<Reply<T>> {
  let maybeStored = false;
  for (let attempt = 1; ; attempt++) {
    const reply = await once(call, signal);
    if (reply.is === "answer") return reply;
    const last = reply.refusal;
    maybeStored ||= last.maybeStored;
    if (last.retry !== "soon" || attempt === mostAttempts) return { is: "refusal", refusal: { ...last, maybeStored } };
    await pauseBefore(attempt, last, signal);
    if (!signal.aborted) onAgain(attempt + 1, last);
  }
}

export async function once<T>(call: () => Promise<T>, signal: AbortSignal): Promise<Reply<T>> {
  if (signal.aborted) return { is: "refusal", refusal: { ...refusal("stoppedHere"), maybeStored: false } };
  try {
    return { is: "answer", answer: await call() };
  } catch (err) {
    return { is: "refusal", refusal: signal.aborted ? refusal("stoppedHere") : refusalOf(err) };
  }
}

/** Waits before another attempt, for as long as the server wants at least. */
export async function pauseBefore(attempt: number, { delay }: Refusal, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.max(delay, delayBefore(attempt)));
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
