import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { SubmitService } from "../gen/contact/v1/submit_pb";
import { fetchOwn } from "./foreignanswer";

/** An answer that takes longer is not waited for, in milliseconds. */
const timeout = 8_000;

export const client = createClient(
  SubmitService,
  createConnectTransport({ baseUrl: location.origin, useBinaryFormat: true, defaultTimeoutMs: timeout, fetch: fetchOwn }),
);
