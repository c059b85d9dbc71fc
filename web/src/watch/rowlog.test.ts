import { expect, it } from "vitest";
import type { Row } from "./row";
import { RowLog } from "./rowlog";

function rows(from: number, to: number): Row[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({ kind: "rejected", epoch: "e", sequence: from + i, publishedAt: 0, reason: "", size: 0 }));
}

it("keeps the latest rows, and says how many it let go", () => {
  const log = new RowLog(20_000);
  for (let n = 1; n <= 60_000; n += 100) {
    log.append(rows(n, n + 99));
    const { rows: kept, dropped } = log;
    expect(kept.length).toBeGreaterThanOrEqual(Math.min(20_000, n + 99));
    expect(kept.length).toBeLessThan(25_000);
    expect(dropped + kept.length).toBe(n + 99);
    expect(kept[0]).toMatchObject({ sequence: dropped + 1 });
    expect(kept.at(-1)).toMatchObject({ sequence: n + 99 });
  }
});

it("keeps no more even of one large append", () => {
  const log = new RowLog(10);
  log.append(rows(1, 10_000));
  expect(log.rows.length).toBe(10);
  expect(log.dropped).toBe(9_990);
});
