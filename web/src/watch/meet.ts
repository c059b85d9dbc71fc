// How a page reaches the hub.

import type { Port, ToHub, ToPage } from "./protocol";

const pingEvery = 20_000;

/** Calls take with what the hub says; returns where to answer. */
export async function meetHub(take: (message: ToPage) => void): Promise<Port<ToHub>> {
  const port = typeof SharedWorker === "undefined" ? await within(take) : shared(take);
  setInterval(() => port.postMessage({ say: "ping" }), pingEvery);
  addEventListener("pagehide", () => port.postMessage({ say: "leave" }));
  return port;
}

function shared(take: (message: ToPage) => void): Port<ToHub> {
  const worker = new SharedWorker(new URL("./worker.ts", import.meta.url), {
    type: "module",
    name: "rollcall",
  });
  worker.port.addEventListener("message", (event: MessageEvent<ToPage>) => take(event.data));
  worker.port.start();
  return worker.port;
}

/** Where there is no SharedWorker, the hub is in this page. */
async function within(take: (message: ToPage) => void): Promise<Port<ToHub>> {
  const { newHub } = await import("./client");
  const tell = newHub(location.origin).join({ postMessage: take });
  return { postMessage: tell };
}
