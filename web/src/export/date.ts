import type { BirthDate } from "../watch/row";

/** A day such as 1990-05-17. */
export function formatDate({ year, month, day }: BirthDate): string {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
