// Asks the server whether it would take a filter, while the view stays as it is.

import { type Client, Code, ConnectError } from "@connectrpc/connect";
import type { WatchService } from "../gen/contact/v1/watch_pb";
import { checkTimeout } from "./protocol";
import { finalState } from "./watch";

export type FilterCheck =
  | { readonly is: "accepted" }
  | { readonly is: "refused"; readonly message: string }
  /** Nobody said. */
  | { readonly is: "unanswered" };

export async function checkFilter(client: Client<typeof WatchService>, filter: string): Promise<FilterCheck> {
  const abort = new AbortController();
  try {
    const watch = client.watchPersons({ filter }, { signal: abort.signal, timeoutMs: checkTimeout });
    for await (const _ of watch) return { is: "accepted" };
    return { is: "unanswered" };
  } catch (err) {
    const { code, rawMessage } = ConnectError.from(err);
    if (code === Code.ResourceExhausted) return { is: "refused", message: rawMessage };
    const state = finalState(ConnectError.from(err));
    return state?.is === "refused" && state.field === "filter" ? { is: "refused", message: state.message } : { is: "unanswered" };
  } finally {
    abort.abort();
  }
}
