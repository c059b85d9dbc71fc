import { expect, it } from "vitest";
import { delayBefore, longestDelay } from "./backoff";

it("doubles up to a bound, with jitter below it", () => {
  expect([1, 2, 3, 4, 5, 6, 60].map((attempt) => delayBefore(attempt, () => 1))).toEqual([500, 1000, 2000, 4000, 8000, longestDelay, longestDelay]);
  expect(delayBefore(3, () => 0)).toBe(1000);
});
