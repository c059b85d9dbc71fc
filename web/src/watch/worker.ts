// The hub in a SharedWorker, for all tabs of this origin.

import { newHub } from "./client";
import type { ToHub } from "./protocol";

/** What is used of SharedWorkerGlobalScope, whose types do not go with a page's. */
declare const self: {
  readonly location: { readonly origin: string };
  addEventListener(type: "connect", listener: (event: MessageEvent) => void): void;
};

const sweepEvery = 30_000;

const hub = newHub(self.location.origin);
setInterval(() => hub.sweep(), sweepEvery);

self.addEventListener("connect", (event) => {
  const port = event.ports[0];
  if (port === undefined) return;
  const take = hub.join(port);
  port.addEventListener("message", (message: MessageEvent<ToHub>) => take(message.data));
  port.start();
});
