// What pages and the hub say to each other.

import type { Connection } from "./connection";
import type { Row } from "./row";
import type { View } from "./view";

export type ToHub =
  /** Look at a view rather than at the one before. */
  | { readonly say: "look"; readonly view: View; readonly unlimited: boolean }
  /** Reconnect at once. */
  | { readonly say: "retry" }
  /** Still here. */
  | { readonly say: "ping" }
  | { readonly say: "leave" };

export type ToPage =
  /** What follows is of the view with this key, from its first row that is kept. */
  | { readonly say: "begin"; readonly key: string; readonly dropped: number }
  | { readonly say: "rows"; readonly rows: readonly Row[] }
  | { readonly say: "connection"; readonly connection: Connection };

/** Where a page and the hub meet: a MessagePort, or its like within one page. */
export interface Port<Out> {
  postMessage(message: Out): void;
}
