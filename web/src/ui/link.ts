// A link to the page holds all that is chosen in it, so that it can be shared.

import type { Start, View } from "../watch/view";

export interface Link {
  readonly page: "persons" | "figures";
  readonly view: View;
  /** A text that shown persons contain. */
  readonly search: string;
}

export const defaultStart: Start = { from: "last", count: 100 };

export function parseLink(query: string): Link {
  const parameters = new URLSearchParams(query);
  return {
    page: parameters.get("page") === "figures" ? "figures" : "persons",
    view: {
      start: parseStart(parameters.get("start")),
      filter: parameters.get("filter") ?? "",
    },
    search: parameters.get("search") ?? "",
  };
}

/** The query that parseLink reads, without what is the default; "" for nothing. */
export function formatLink(link: Link): string {
  const parameters = new URLSearchParams();
  if (link.page !== "persons") parameters.set("page", link.page);
  const start = formatStart(link.view.start);
  if (start !== formatStart(defaultStart)) parameters.set("start", start);
  if (link.view.filter !== "") parameters.set("filter", link.view.filter);
  if (link.search !== "") parameters.set("search", link.search);
  const query = parameters.toString();
  return query === "" ? "" : `?${query}`;
}

export function formatStart(start: Start): string {
  return start.from === "last" ? `last-${start.count}` : start.from;
}

/** Reads what formatStart wrote; the default for anything else. */
export function parseStart(text: string | null): Start {
  switch (text) {
    case "now":
    case "hour":
    case "all":
      return { from: text };
  }
  const count = /^last-([1-9][0-9]{0,5})$/.exec(text ?? "")?.[1];
  return count === undefined ? defaultStart : { from: "last", count: Number(count) };
}
