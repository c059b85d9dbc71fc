// How long the page believes what it was last told.

/** The server says something at least this often, in milliseconds: it wrote it into the page. */
export function readHeartbeat(page: Document): number {
  return Number(page.querySelector<HTMLMetaElement>("meta[name=progress-interval]")?.content);
}

/** After so long without a word, two heartbeats and a little, nothing is known to be true any more. */
export function patienceOf(heartbeat: number): number {
  return 2 * heartbeat + 1_000;
}

/**
 * Whether it is too long ago that something was heard. The clock on the wall goes on
 * while a computer sleeps; of one that was set back, nothing can be told.
 */
export function isSilent(heardAt: number, heartbeat: number, now: number = Date.now()): boolean {
  return Math.abs(now - heardAt) > patienceOf(heartbeat);
}
