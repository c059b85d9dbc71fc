import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { WatchService } from "../gen/contact/v1/watch_pb";
import { Hub } from "./hub";

/** Returns a hub that watches at the server that the page came from. */
export function newHub(origin: string, heartbeat: number): Hub {
  const transport = createConnectTransport({ baseUrl: origin, useBinaryFormat: true });
  return new Hub(createClient(WatchService, transport), heartbeat);
}
