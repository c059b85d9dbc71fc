// The truth about the connection, in words. Colour only repeats it.

import { formatAge, formatCount } from "../texts/numbers";
import type { Texts } from "../texts/en";
import type { Snapshot } from "../watch/store";

export interface Description {
  readonly words: string;
  /** The same without numbers that change each second: what a screen reader says. */
  readonly spoken: string;
  readonly tone: Tone;
}

export type Tone = "good" | "busy" | "bad";

export function describe(
  texts: Texts,
  snapshot: Pick<Snapshot, "connection" | "paused" | "unseen">,
  now: number,
): Description {
  const { connection } = snapshot;
  switch (connection.is) {
    case "live":
      if (snapshot.paused) return { words: texts.paused(formatCount(snapshot.unseen)), spoken: texts.pausedNow, tone: "busy" };
      return always(texts.live, "good");
    case "behind":
      return { words: texts.behind(formatCount(connection.by)), spoken: texts.behindNow, tone: "busy" };
    case "connecting":
      return always(texts.connecting, "busy");
    case "away":
      return always(texts.away, "bad");
    case "silent":
      return always(texts.silent, "bad");
    case "reconnecting": {
      const seconds = Math.ceil((connection.at - now) / 1000);
      return {
        words: seconds > 0 ? texts.reconnecting(formatCount(seconds)) : texts.reconnectingNow,
        spoken: texts.reconnectingNow,
        tone: "bad",
      };
    }
    case "signedOut":
      return always(texts.signedOut, "bad");
    case "refused":
      return always(texts.refused, "bad");
    case "waiting":
      return always(texts.waiting, "busy");
  }
}

/** When the server was last heard; it ticks. */
export function describeHeard(texts: Texts, heardAt: number | undefined, now: number): string | undefined {
  if (heardAt === undefined) return undefined;
  const seconds = Math.max(0, Math.floor((now - heardAt) / 1000));
  return texts.lastHeard(seconds < 120 ? `${seconds} s` : formatAge(now - heardAt));
}

function always(words: string, tone: Tone): Description {
  return { words, spoken: words, tone };
}
