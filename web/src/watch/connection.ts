// What is true of a watch's connection, for people to see.

export type Connection =
  /** Opening for the first time. */
  | { readonly is: "connecting" }
  /** Everything is here up to the stream's end. */
  | { readonly is: "live" }
  /** Events are coming that were stored before the watch was open. */
  | { readonly is: "behind"; readonly by: number }
  /** The server cannot reach its store; it goes on from the next event when it can. */
  | { readonly is: "away"; readonly why: string }
  /** Nothing was heard for so long that what was said last is not known to be true. */
  | { readonly is: "silent" }
  /** It broke, and is tried again at a time (milliseconds since 1970). */
  | { readonly is: "reconnecting"; readonly at: number; readonly why: string }
  /** The server wants to know who is asking. */
  | { readonly is: "signedOut" }
  /** The server does not accept the filter, or the start. */
  | {
      readonly is: "refused";
      readonly field: "filter" | "start" | undefined;
      readonly message: string;
    }
  /** Other views have all the connections that a browser opens. */
  | { readonly is: "waiting" };

/** Whether a watch has ended, since trying again changes nothing. */
export function isOver({ is }: Connection): boolean {
  return is === "signedOut" || is === "refused";
}

export const connecting: Connection = { is: "connecting" };
