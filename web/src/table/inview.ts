// Only rows that are in view, or nearly, are in the page: of a hundred thousand there
// are some sixty. All are of one height, so where they are is arithmetic.

import { type RefObject, useCallback, useEffect, useLayoutEffect, useReducer, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Row } from "../watch/row";
import type { Shown } from "./shown";

/** In pixels, also of the columns' names above the rows; style.css has the same. */
export const rowHeight = 36;
/** So many more rows are there above and below: a browser scrolls before it asks what to paint. */
const margin = 20;

export interface Range {
  /** The first row's place, and that after the last. */
  readonly from: number;
  readonly to: number;
}

export interface InView {
  readonly range: Range;
  /** How many rows came above what is being read. */
  readonly unseen: number;
  /** Brings the row at a place into view. */
  readonly reveal: (index: number) => void;
}

export function rangeAt(scrollTop: number, height: number, count: number): Range {
  const rows = Math.ceil(height / rowHeight);
  const first = Math.min(Math.floor(scrollTop / rowHeight), count - rows);
  return { from: Math.max(0, first - margin), to: Math.min(count, Math.max(0, first) + rows + margin) };
}

/**
 * Keeps what is being read where it is: rows that come at the top move the list only
 * while its top is in view. What a search finds is read from its top.
 */
export function useInView(scroller: RefObject<HTMLDivElement | null>, shown: Shown, search: string): InView {
  const [, paint] = useReducer((n: number) => n + 1, 0);
  const [unseen, setUnseen] = useState(0);
  const newest = useRef<Row>(undefined);
  const searched = useRef(search);
  const painted = useRef<Range>(undefined);
  const count = useRef(shown.count);
  count.current = shown.count;

  const element = scroller.current;
  const anew = searched.current !== search;
  const added = anew ? 0 : addedAbove(element, shown, newest.current);
  // Where the list will be when it is painted: a row must not wait for the browser to say so.
  const top = anew || element === null ? 0 : element.scrollTop + added * rowHeight;
  const range = rangeAt(top, element?.clientHeight ?? innerHeight, shown.count);

  useLayoutEffect(() => {
    newest.current = shown.at(0);
    searched.current = search;
    painted.current = range;
    if (anew || added > 0) scroller.current?.scrollTo({ top });
    if (anew) setUnseen(0);
    else if (added > 0) setUnseen((before) => before + added);
  });

  const empty = shown.count === 0;
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = () => {
      if (element.scrollTop < rowHeight) setUnseen(0);
      const { from, to } = rangeAt(element.scrollTop, element.clientHeight, count.current);
      if (from !== painted.current?.from || to !== painted.current.to) flushSync(paint);
    };
    const resized = new ResizeObserver(paint);
    resized.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller, empty]);

  const reveal = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (element === null) return;
      const highest = index * rowHeight;
      const lowest = highest + 2 * rowHeight - element.clientHeight; // the row's bottom, below the columns' names
      if (element.scrollTop > highest) element.scrollTo({ top: highest });
      else if (element.scrollTop < lowest) element.scrollTo({ top: lowest });
    },
    [scroller],
  );
  return { range, unseen, reveal };
}

/** How many rows came above those that are being read; none while the list is read from its top. */
function addedAbove(element: HTMLElement | null, shown: Shown, newest: Row | undefined): number {
  if (element === null || newest === undefined || element.scrollTop < rowHeight || shown.at(0) === newest) return 0;
  return Math.max(0, shown.indexOf(newest));
}
