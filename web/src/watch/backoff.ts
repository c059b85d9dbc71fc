/** How long to wait between attempts, in milliseconds. */
export const firstDelay = 500;
export const longestDelay = 15_000;

/**
 * Returns how long to wait before an attempt, the first of which is 1: twice as long
 * each time, and somewhere between half of that and all, so that clients that were
 * cut off together do not come back together.
 */
export function delayBefore(attempt: number, random: () => number = Math.random): number {
  const most = Math.min(firstDelay * 2 ** (attempt - 1), longestDelay);
  return Math.round(most * (0.5 + random() / 2));
}
