// The address bar holds the link to what is shown, and "back" goes back.

import { useCallback, useSyncExternalStore } from "react";
import { formatLink, type Link, parseLink } from "./link";

const listeners = new Set<() => void>();
let link = parseLink(location.search);

addEventListener("popstate", () => {
  link = parseLink(location.search);
  for (const listener of listeners) listener();
});

/** Returns what the address says, and how to change it. */
export function useLink(): [Link, (changed: Partial<Link>, how?: "push" | "replace") => void] {
  const current = useSyncExternalStore(subscribe, () => link);
  const change = useCallback((changed: Partial<Link>, how: "push" | "replace" = "push") => {
    link = { ...link, ...changed };
    const address = location.pathname + formatLink(link);
    if (how === "push") history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    for (const listener of listeners) listener();
  }, []);
  return [current, change];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
