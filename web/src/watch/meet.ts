// How a page reaches the hub.

import type { Port, ToHub, ToPage } from "./protocol";

/** Calls take with what the hub says; returns where to answer. */
export async function meetHub(heartbeat: number, take: (message: ToPage) => void): Promise<Port<ToHub>> {
  return typeof SharedWorker === "undefined" ? within(heartbeat, take) : shared(heartbeat, take);
}

/** Pages that were told of other heartbeats have other hubs. */
function shared(heartbeat: number, take: (message: ToPage) => void): Port<ToHub> {
  const worker = new SharedWorker(new URL("./worker.ts", import.meta.url), { type: "module", name: String(heartbeat) });
  worker.port.addEventListener("message", (event: MessageEvent<ToPage>) => take(event.data));
  worker.port.start();
  return worker.port;
}

/** Where there is no SharedWorker, the hub is in this page. */
async function within(heartbeat: number, take: (message: ToPage) => void): Promise<Port<ToHub>> {
  const { newHub } = await import("./client");
  const tell = newHub(location.origin, heartbeat).join({ postMessage: take });
  return { postMessage: tell };
}
