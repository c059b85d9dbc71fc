import { useEffect, useRef, useState } from "react";
import { harmless } from "../foreign/harmless";
import { formatCount } from "../texts/numbers";
import { useTexts } from "../texts/texts";
import type { Snapshot } from "../watch/store";

/** Not more often than this, in milliseconds: a screen reader takes its time. */
const every = 5_000;

/** What a screen reader says of rows that came since it last said something. */
export function useAnnouncement(snapshot: Snapshot): string {
  const texts = useTexts();
  const [text, setText] = useState("");
  const latest = useRef(snapshot);
  latest.current = snapshot;
  useEffect(() => {
    let said: number | undefined;
    const timer = setInterval(() => {
      const { rows, dropped, connection, paused } = latest.current;
      const count = rows.length + dropped;
      if (connection.is !== "live" || paused) {
        said = count;
        return;
      }
      const added = said === undefined ? 0 : count - said;
      said = count;
      const last = rows.at(-1);
      if (added <= 0 || last?.kind !== "person") return;
      setText(texts.arrived(added, formatCount(added), harmless(last.person.name)));
    }, every);
    return () => clearInterval(timer);
  }, [texts]);
  return text;
}
