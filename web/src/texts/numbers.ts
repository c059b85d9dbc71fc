// Numbers and dates as the browser's locale writes them.

const grouped = new Intl.NumberFormat();
const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeZone: "UTC" });

export function formatCount(n: number): string {
  return grouped.format(n);
}

export function formatTime(milliseconds: number): string {
  return exact.format(milliseconds);
}

export function formatDay(date: { year: number; month: number; day: number }): string {
  const at = new Date(0);
  at.setUTCFullYear(date.year, date.month - 1, date.day); // Date.UTC takes years below 100 for 19xx
  return day.format(at);
}

const minutes = new Intl.NumberFormat(undefined, { style: "unit", unit: "minute", unitDisplay: "short" });

export function formatMinutes(n: number): string {
  return minutes.format(n);
}

const byteUnits = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

export function formatBytes(bytes: number): string {
  let unit = 0;
  let amount = bytes;
  while (amount >= 1000 && unit < byteUnits.length - 1) {
    amount /= 1000;
    unit++;
  }
  return new Intl.NumberFormat(undefined, {
    style: "unit",
    unit: byteUnits[unit],
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: amount < 10 && unit > 0 ? 1 : 0,
  }).format(amount);
}

export function formatRate(perSecond: number): string {
  return perSecond < 10 ? oneDigit.format(perSecond) : grouped.format(Math.round(perSecond));
}

const units: readonly (readonly [number, Intl.NumberFormatOptions["unit"]])[] = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [Number.POSITIVE_INFINITY, "day"],
];

const ages = units.map(
  ([, unit]) =>
    new Intl.NumberFormat(undefined, { style: "unit", unit: unit as string, unitDisplay: "narrow" }),
);

/** How long ago something was, in its largest unit: "9s", "2 Std.". */
export function formatAge(milliseconds: number): string {
  let amount = Math.max(0, Math.floor(milliseconds / 1000));
  for (const [i, [size]] of units.entries()) {
    if (amount < size) return ages[i]?.format(amount) ?? "";
    amount = Math.floor(amount / size);
  }
  return "";
}
