// Days as people type and paste them. Of a day that can be read in one way alone the
// order does not matter; else a dot is day first, and the rest goes by the locale.

import type { BirthDate } from "../watch/row";

/**
 * Reads a day with its year, such as 17.5.1990, 5/17/90 or 1990-05-17; undefined for
 * anything else. A year of two digits is the latest that makes no day after today.
 */
export function readTypedDate(text: string, locale: string, today: BirthDate): BirthDate | undefined {
  const plain = withoutTime(normalized(text));
  if (!/^[\p{L}\d\s.,/'-]*$/u.test(plain)) return undefined;
  const parts = plain.match(/\p{L}+|\d+/gu)?.filter((part) => !passedOver.has(part)) ?? [];
  const dayFirst = /^\s*\d+\s*\./.test(plain) || !hasMonthFirst(locale);
  const written = arrange(parts, dayFirst);
  if (written === undefined) return undefined;
  const { day, month } = written;
  const year = written.year.length === 2 ? fullYear(Number(written.year), month, day, today) : Number(written.year);
  return year > 0 && isMonth(month) && isDay(day) ? { year, month, day } : undefined;
}

/** Today in UTC, which is what the API's rule goes by. */
export function todayUTC(): BirthDate {
  const now = new Date();
  return { year: now.getUTCFullYear(), month: now.getUTCMonth() + 1, day: now.getUTCDate() };
}

/** A day in words, so that nobody takes its month for its day. */
export function dateInWords({ year, month, day }: BirthDate, language: string): string {
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day); // Date.UTC takes years below 100 for 19xx
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" }).format(at);
}

/** 17 May 1990 in digits, as the locale has it. */
export function exampleDate(locale: string): string {
  return new Intl.DateTimeFormat(locale, { year: "numeric", month: "numeric", day: "numeric", timeZone: "UTC" }).format(Date.UTC(1990, 4, 17));
}

interface Written {
  readonly year: string;
  readonly month: number;
  readonly day: number;
}

function arrange(parts: readonly string[], dayFirst: boolean): Written | undefined {
  const [first = "", second = "", third = ""] = parts;
  const shape = parts.map(shapeOf).join(" ");
  switch (shape) {
    case "basic":
      return { year: first.slice(0, 4), month: Number(first.slice(4, 6)), day: Number(first.slice(6)) };
    case "year short short":
      return { year: first, month: Number(second), day: Number(third) };
    case "year month short":
      return { year: first, month: monthOf(second), day: Number(third) };
    case "short month year":
    case "short month short":
      return { year: third, month: monthOf(second), day: Number(first) };
    case "month short year":
    case "month short short":
      return { year: third, month: monthOf(first), day: Number(second) };
    case "short short year":
    case "short short short":
      return { year: third, ...dayAndMonth(Number(first), Number(second), dayFirst) };
    default:
      return undefined;
  }
}

function shapeOf(part: string): string {
  if (/^\d{1,2}$/.test(part)) return "short";
  if (/^\d{4}$/.test(part)) return "year";
  if (/^\d{8}$/.test(part)) return "basic";
  return monthOf(part) > 0 ? "month" : "unknown";
}

function dayAndMonth(first: number, second: number, dayFirst: boolean): { day: number; month: number } {
  const [day, month] = dayFirst ? [first, second] : [second, first];
  return !isMonth(month) && isMonth(day) ? { day: month, month: day } : { day, month };
}

/** "5" for the year is no year: it has two digits, or four. */
function fullYear(ofCentury: number, month: number, day: number, today: BirthDate): number {
  const year = today.year - (today.year % 100) + ofCentury;
  const isAfterToday = [year - today.year, month - today.month, day - today.day].find((difference) => difference !== 0) ?? 0;
  return isAfterToday > 0 ? year - 100 : year;
}

function isMonth(n: number): boolean {
  return n >= 1 && n <= 12;
}

function isDay(n: number): boolean {
  return n >= 1 && n <= 31;
}

/** Without accents, invisible marks and kinds of spaces and dashes. */
function normalized(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}]/gu, "")
    .replace(/[\p{Pd}\u2212]/gu, "-")
    .toLowerCase()
    .trim();
}

/** What programs write after a day: "T00:00:00Z", " 12:00 AM". */
function withoutTime(text: string): string {
  return text.replace(/[t\s,]+\d{1,2}:\d\d.*$/s, "");
}

function hasMonthFirst(locale: string): boolean {
  const parts = new Intl.DateTimeFormat(locale).formatToParts(0).map(({ type }) => type);
  return parts.indexOf("month") < parts.indexOf("day");
}

/** The languages that months are read in, whichever the page speaks. */
const languages = ["en", "de", "de-AT"];
const lengths = ["long", "short"] as const;

/** The names of months, the first month's first. */
const months = namesOf("month", Array.from({ length: 12 }, (_, month) => Date.UTC(2000, month, 15)));
const weekdays = namesOf("weekday", Array.from({ length: 7 }, (_, day) => Date.UTC(2000, 0, day + 1)));

/** What may stand beside a day's parts: the day of the week, the "th" of "17th", "of" and "the". */
const passedOver: ReadonlySet<string> = new Set([...weekdays.flatMap((names) => [...names]), "st", "nd", "rd", "th", "of", "the", "den", "der"]);

/** What each of some times is called. */
function namesOf(part: "month" | "weekday", times: readonly number[]): ReadonlySet<string>[] {
  const formats = languages.flatMap((language) =>
    lengths.map((length) => new Intl.DateTimeFormat(language, { [part]: length, timeZone: "UTC" })),
  );
  return times.map((time) => new Set(formats.map((format) => normalized(format.format(time)).replaceAll(".", ""))));
}

/** The month that a name, or three letters or more of it, stands for; 0 for none. */
function monthOf(name: string): number {
  if (name.length < 3) return 0;
  return 1 + months.findIndex((names) => [...names].some((known) => known.startsWith(name)));
}
