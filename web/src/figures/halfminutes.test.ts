import { expect, it } from "vitest";
import { halfMinutes } from "./halfminutes";

it("sums up by the half minute, the latest first, and what is less than one last", () => {
  expect(halfMinutes([])).toEqual([]);
  expect(halfMinutes([...Array<number>(5).fill(2), ...Array<number>(29).fill(0), 60])).toEqual([
    { from: 30, to: 0, average: 2, most: 60 },
    { from: 35, to: 30, average: 2, most: 2 },
  ]);
});
