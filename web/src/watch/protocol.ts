// What pages and the hub say to each other.

import type { FilterCheck } from "./filter";
import type { News } from "./news";
import type { Position } from "./position";
import type { View } from "./view";

export type ToHub =
  /** Look at a view rather than at the one before. */
  | {
      readonly say: "look";
      /** A number that this page has not used before. */
      readonly turn: number;
      readonly view: View;
      /** Everything up to here is known: go on from there rather than begin. */
      readonly after: Position | undefined;
      readonly unlimited: boolean;
    }
  /** Still here, and looking. Is what was said last still true? */
  | { readonly say: "here" }
  /** Reconnect at once. */
  | { readonly say: "retry" }
  /** Would the server take this filter? */
  | { readonly say: "check"; readonly filter: string }
  | { readonly say: "leave" };

export type ToPage =
  /** What follows is the answer to the look of this turn, from its first row that is kept. */
  | { readonly say: "begin"; readonly turn: number; readonly dropped: number }
  | { readonly say: "news"; readonly turn: number; readonly news: News }
  /** Still here? */
  | { readonly say: "ask" }
  /** The page was taken for gone, and is not told anything until it looks again. */
  | { readonly say: "lost" }
  | { readonly say: "checked"; readonly filter: string; readonly check: FilterCheck };

/** The answer to a check that takes longer is not waited for, in milliseconds. */
export const checkTimeout = 5_000;

/** Where a page and the hub meet: a MessagePort, or its like within one page. */
export interface Port<Out> {
  postMessage(message: Out): void;
}
