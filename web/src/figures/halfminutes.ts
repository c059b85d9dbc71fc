/** The seconds that a row of the table is about. */
const span = 30;

export interface HalfMinute {
  /** How many seconds ago it began, and ended. */
  readonly from: number;
  readonly to: number;
  /** Events a second: on average, and in the busiest one. */
  readonly average: number;
  readonly most: number;
}

/** Sums up counts of the last seconds, the latest last, by the half minute, the latest first. */
export function halfMinutes(counts: readonly number[]): HalfMinute[] {
  const list: HalfMinute[] = [];
  for (let to = 0; to < counts.length; to += span) {
    const part = counts.slice(Math.max(0, counts.length - to - span), counts.length - to);
    const sum = part.reduce((total, count) => total + count, 0);
    list.push({ from: to + part.length, to, average: sum / part.length, most: Math.max(...part) });
  }
  return list;
}
