import { useEffect, useRef, useState } from "react";
import { formatCount } from "../texts/numbers";
import { useTexts } from "../texts/texts";
import { isField } from "../ui/keys";
import { useNow } from "../ui/now";
import type { Position } from "../watch/position";
import { isAt, keyOf, type Row } from "../watch/row";
import type { Snapshot } from "../watch/store";
import { useAnnouncement } from "./announce";
import { Empty } from "./empty";
import { type Range, rowHeight, useInView } from "./inview";
import { Line } from "./line";
import type { Shown } from "./shown";

interface Props {
  snapshot: Snapshot;
  shown: Shown;
  search: string;
  filtered: boolean;
  /** The row whose details are open. */
  selected: Row | undefined;
  flash: Position | undefined;
  /** The keyboard goes to this row, once it is there. */
  wanted: Position | undefined;
  onOpen: (row: Row) => void;
  onNew: () => void;
}

export function PersonTable(props: Props) {
  const { snapshot, shown, selected, flash, wanted } = props;
  const texts = useTexts();
  const now = useNow();
  const scroller = useRef<HTMLDivElement>(null);
  /** The row that the keyboard is at: its place changes. */
  const [active, setActive] = useState<Row>();
  const announcement = useAnnouncement(snapshot);

  const { range, unseen, reveal } = useInView(scroller, shown, props.search);

  const activeIndex = active === undefined ? -1 : shown.indexOf(active);

  const move = (to: number): Row | undefined => {
    const index = Math.max(0, Math.min(shown.count - 1, to));
    const row = shown.at(index);
    if (row === undefined) return undefined;
    setActive(row);
    reveal(index);
    return row;
  };

  const arrived = useRef<Position>(undefined);
  useEffect(() => {
    if (wanted === undefined || arrived.current === wanted) return;
    const index = shown.find((row) => isAt(row, wanted));
    if (index < 0) return;
    arrived.current = wanted;
    move(index);
  });

  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
      // j and k are the list's wherever the focus is, and the other keys where they are nobody else's.
      const free = event.target === document.body || event.target === scroller.current;
      if (!free && event.key !== "j" && event.key !== "k") return;
      const page = Math.floor((scroller.current?.clientHeight ?? rowHeight) / rowHeight) - 2;
      const moves: Record<string, number> = {
        j: activeIndex + 1,
        ArrowDown: activeIndex + 1,
        k: activeIndex - 1,
        ArrowUp: activeIndex - 1,
        PageDown: activeIndex + page,
        PageUp: activeIndex - page,
        Home: 0,
        End: shown.count - 1,
      };
      const to = moves[event.key];
      const row = activeIndex >= 0 ? shown.at(activeIndex) : undefined;
      if (to !== undefined) {
        const moved = move(to);
        // Open details follow; and a screen reader says where the keyboard is.
        if (selected !== undefined && moved !== undefined) props.onOpen(moved);
        else if (free) scroller.current?.focus({ preventScroll: true });
      } else if (event.key === "Enter" && row !== undefined) props.onOpen(row);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  });

  if (shown.count === 0 && snapshot.begun) {
    return (
      <div className="table" id="list">
        {props.search !== "" && snapshot.rows.length > 0 ? (
          <p className="nothing">{texts.noMatch}</p>
        ) : (
          <Empty filtered={props.filtered} onNew={props.onNew} />
        )}
      </div>
    );
  }

  const activeId = activeIndex >= 0 ? `row-${activeIndex}` : undefined;
  return (
    <div className="table">
      <div
        className="scroller"
        id="list"
        ref={scroller}
        role="grid"
        aria-label={texts.table}
        aria-rowcount={shown.count + 1}
        aria-activedescendant={activeId}
        aria-busy={!snapshot.begun}
        tabIndex={0}
      >
        <div className="row columns" role="row" aria-rowindex={1}>
          {(["sequence", "name", "email", "phones", "age"] as const).map((column) => (
            <span key={column} className={column} role="columnheader">
              {texts.columns[column]}
            </span>
          ))}
        </div>
        <div className="rows" role="rowgroup" style={{ height: shown.count * rowHeight }}>
          {rowsIn(shown, range).map(([row, index]) => (
            <div
              key={keyOf(row)}
              id={`row-${index}`}
              role="row"
              aria-rowindex={index + 2}
              aria-selected={row === selected}
              className={classOf(row, row === active, row === selected, isAt(row, flash))}
              style={{ transform: `translateY(${index * rowHeight}px)` }}
              onClick={() => {
                setActive(row);
                props.onOpen(row);
              }}
            >
              <Line row={row} now={now} />
            </div>
          ))}
        </div>
        {snapshot.dropped > 0 && <p className="dropped">{texts.dropped(formatCount(snapshot.dropped))}</p>}
      </div>
      {unseen > 0 && (
        <button type="button" className="pill" onClick={() => scroller.current?.scrollTo({ top: 0 })}>
          {texts.unseen(unseen, formatCount(unseen))}
        </button>
      )}
      <p className="hidden" aria-live="polite">
        {announcement}
      </p>
    </div>
  );
}

function classOf(row: Row, active: boolean, selected: boolean, flash: boolean): string {
  return ["row", row.kind, active && "active", selected && "selected", flash && "flash"].filter(Boolean).join(" ");
}

/** The rows of a range, each with its place. */
function rowsIn(shown: Shown, { from, to }: Range): [Row, number][] {
  const rows: [Row, number][] = [];
  for (let index = from; index < to; index++) {
    const row = shown.at(index);
    if (row !== undefined) rows.push([row, index]);
  }
  return rows;
}
