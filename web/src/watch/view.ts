// A view is what a watch is asked for: where it starts, and which persons it shows.

export type Start =
  | { readonly from: "now" }
  | { readonly from: "last"; readonly count: number }
  | { readonly from: "hour" }
  | { readonly from: "all" };

export interface View {
  readonly start: Start;
  /** A CEL expression over `person`; empty for all. */
  readonly filter: string;
}

/** Tabs whose views have the same key share one watch. */
export function viewKey(view: View): string {
  const { start, filter } = view;
  return `${start.from}${start.from === "last" ? ` ${start.count}` : ""}: ${filter}`;
}
