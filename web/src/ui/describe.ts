// The truth about the connection, in words. Colour only repeats it.

import { formatCount } from "../texts/numbers";
import type { Texts } from "../texts/en";
import type { Snapshot } from "../watch/store";

export type Tone = "good" | "busy" | "bad";

export function describe(
  texts: Texts,
  snapshot: Pick<Snapshot, "connection" | "paused" | "unseen">,
  now: number,
): { words: string; tone: Tone } {
  const { connection } = snapshot;
  switch (connection.is) {
    case "live":
      if (snapshot.paused) return { words: texts.paused(formatCount(snapshot.unseen)), tone: "busy" };
      return { words: texts.live, tone: "good" };
    case "behind":
      return { words: texts.behind(formatCount(connection.by)), tone: "busy" };
    case "connecting":
      return { words: texts.connecting, tone: "busy" };
    case "away":
      return { words: texts.away, tone: "bad" };
    case "reconnecting": {
      const seconds = Math.ceil((connection.at - now) / 1000);
      return {
        words: seconds > 0 ? texts.reconnecting(formatCount(seconds)) : texts.reconnectingNow,
        tone: "bad",
      };
    }
    case "signedOut":
      return { words: texts.signedOut, tone: "bad" };
    case "refused":
      return { words: texts.refused, tone: "bad" };
    case "waiting":
      return { words: texts.waiting, tone: "busy" };
  }
}
