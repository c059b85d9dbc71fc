// Submitting, again if need be: with its key a person is stored once, however often it
// is sent.

import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { type SubmitPersonRequest, type SubmitPersonResponse, SubmitService } from "../gen/contact/v1/submit_pb";
import { delayBefore } from "../watch/backoff";

/** So often it is sent before a person is asked. */
const mostAttempts = 5;
/** An answer that takes longer is not waited for, in milliseconds. */
const timeout = 8_000;

export const client = createClient(
  SubmitService,
  createConnectTransport({ baseUrl: location.origin, useBinaryFormat: true, defaultTimeoutMs: timeout }),
);

export async function submit(
  request: SubmitPersonRequest,
  onAgain: (attempt: number) => void,
  signal: AbortSignal,
): Promise<SubmitPersonResponse> {
  return persist(() => client.submitPerson(request, { signal }), onAgain, signal);
}

/** Calls until there is an answer that another call would not change. */
export async function persist<T>(call: () => Promise<T>, onAgain: (attempt: number) => void, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (err) {
      if (attempt === mostAttempts || signal.aborted || !isUnknown(err)) throw err;
      await pause(delayBefore(attempt), signal);
      onAgain(attempt + 1);
    }
  }
}

/** Whether it is unknown what became of it, or the server asked to come again. */
export function isUnknown(err: unknown): boolean {
  switch (ConnectError.from(err).code) {
    case Code.Unavailable:
    case Code.DeadlineExceeded:
    case Code.ResourceExhausted:
    case Code.Unknown:
    case Code.Canceled:
      return true;
    default:
      return false;
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
