// What is being filled in outlives a reload of its tab, and ends with the tab.

import type { Draft } from "./draft";

/** A person who was sent and may be stored: the key keeps them from being stored twice. */
export interface Sent {
  readonly key: string;
  /** The person as JSON: another person has another key. */
  readonly person: string;
  /** When it was first sent, in milliseconds since 1970. */
  readonly at: number;
}

export interface Kept {
  readonly draft: Draft;
  readonly sent: Sent | undefined;
}

/** Where the form keeps it. */
export interface DraftStorage {
  load(): Kept | undefined;
  /** False if it could not be kept. */
  save(kept: Kept | undefined): boolean;
}

/** Changes with the shape of what is kept: what another version of the page has kept is left alone. */
const storageKey = "rollcall.draft.1";

export const sessionDrafts: DraftStorage = {
  load() {
    try {
      const text = sessionStorage.getItem(storageKey);
      return text === null ? undefined : (JSON.parse(text) as Kept);
    } catch {
      return undefined; // storage is not allowed
    }
  },
  save(kept) {
    try {
      if (kept === undefined) sessionStorage.removeItem(storageKey);
      else sessionStorage.setItem(storageKey, JSON.stringify(kept));
      return true;
    } catch {
      return false; // or full
    }
  },
};
