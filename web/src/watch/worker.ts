// The hub in a SharedWorker, for all tabs of this origin.

import { newHub } from "./client";
import type { ToHub } from "./protocol";

/** What is used of SharedWorkerGlobalScope, whose types do not go with a page's. */
declare const self: {
  /** The heartbeat; see meet.ts. */
  readonly name: string;
  readonly location: { readonly origin: string };
  addEventListener(type: "connect", listener: (event: MessageEvent) => void): void;
};

const heartbeat = Number(self.name);
const hub = newHub(self.location.origin, heartbeat);
setInterval(() => hub.sweep(), heartbeat);

self.addEventListener("connect", (event) => {
  const port = event.ports[0];
  if (port === undefined) return;
  const take = hub.join(port);
  port.addEventListener("message", (message: MessageEvent<ToHub>) => take(message.data));
  port.start();
});
