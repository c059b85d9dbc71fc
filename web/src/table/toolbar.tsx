import { type RefObject, useEffect, useId, useState } from "react";
import { save } from "../export/save";
import { formatCount } from "../texts/numbers";
import { useTexts } from "../texts/texts";
import { Icon } from "../ui/icon";
import { useLink } from "../ui/address";
import { formatStart, parseStart } from "../ui/link";
import { Menu } from "../ui/menu";
import type { Row } from "../watch/row";
import type { Snapshot, Store } from "../watch/store";
import type { Start } from "../watch/view";
import type { Shown } from "./shown";

const starts: readonly Start[] = [{ from: "now" }, { from: "last", count: 100 }, { from: "hour" }, { from: "all" }];

interface Props {
  store: Store;
  snapshot: Snapshot;
  shown: Shown;
  filterRef: RefObject<HTMLInputElement | null>;
  searchRef: RefObject<HTMLInputElement | null>;
  onTogglePause: () => void;
}

export function Toolbar(props: Props) {
  const { snapshot, shown } = props;
  const texts = useTexts();
  const [link, changeLink] = useLink();
  const { start } = link.view;
  const known = starts.some((one) => formatStart(one) === formatStart(start));
  const name = (one: Start) => (one.from === "last" ? texts.starts.last(formatCount(one.count)) : texts.starts[one.from]);

  return (
    <div className="toolbar">
      <label className="start">
        <span className="hidden">{texts.start}</span>
        <select
          value={formatStart(start)}
          onChange={(event) => changeLink({ view: { ...link.view, start: parseStart(event.target.value) } })}
        >
          {[...starts, ...(known ? [] : [start])].map((one) => (
            <option key={formatStart(one)} value={formatStart(one)}>
              {name(one)}
            </option>
          ))}
        </select>
      </label>
      <Filter inputRef={props.filterRef} snapshot={snapshot} />
      <label className="search">
        <span className="hidden">{texts.search}</span>
        <input
          ref={props.searchRef}
          type="search"
          placeholder={texts.searchHint}
          value={link.search}
          onChange={(event) => changeLink({ search: event.target.value }, "replace")}
          onKeyDown={blurOnEscape}
        />
      </label>
      <button
        type="button"
        className="icon"
        aria-pressed={snapshot.paused}
        title={`${snapshot.paused ? texts.resume : texts.pause} (p)`}
        aria-label={snapshot.paused ? texts.resume : texts.pause}
        onClick={props.onTogglePause}
      >
        <Icon name={snapshot.paused ? "play" : "pause"} />
      </button>
      <Menu icon="download" label={texts.exportHint(formatCount(shown.count))}>
        {(["CSV", "vCard", "NDJSON"] as const).map((form) => (
          <button key={form} type="button" onClick={() => save(all(shown), form)}>
            {texts.exportAs(form)}
          </button>
        ))}
      </Menu>
    </div>
  );
}

/** The filter is sent when it is complete: with Enter, or when the field is left. */
function Filter({ inputRef, snapshot }: { inputRef: RefObject<HTMLInputElement | null>; snapshot: Snapshot }) {
  const texts = useTexts();
  const [link, changeLink] = useLink();
  const [text, setText] = useState(link.view.filter);
  const id = useId();
  useEffect(() => setText(link.view.filter), [link.view.filter]);

  const { connection } = snapshot;
  const error = connection.is === "refused" && connection.field === "filter" ? connection.message : undefined;
  const column = error === undefined ? undefined : Number(/column ([0-9]+)/.exec(error)?.[1] ?? Number.NaN);
  const send = () => {
    if (text.trim() !== link.view.filter) changeLink({ view: { ...link.view, filter: text.trim() } });
  };

  return (
    <div className="filter">
      <label className="hidden" htmlFor={id}>
        {texts.filter}
      </label>
      <input
        id={id}
        ref={inputRef}
        type="text"
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        maxLength={4096}
        placeholder={`${texts.filter}: ${texts.filterHint}`}
        value={text}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
        onChange={(event) => setText(event.target.value)}
        onBlur={send}
        onKeyDown={(event) => {
          if (event.key === "Enter") send();
          blurOnEscape(event);
        }}
      />
      {error !== undefined && (
        <p className="error" id={`${id}-error`} role="alert">
          {column !== undefined && column > 0 && (
            <span className="caret" aria-hidden="true">
              {link.view.filter.slice(0, column - 1)}
              <b>^</b>
            </span>
          )}
          {error}
        </p>
      )}
    </div>
  );
}

function blurOnEscape(event: React.KeyboardEvent<HTMLInputElement>): void {
  if (event.key === "Escape") event.currentTarget.blur();
}

/** What is exported is in the stream's order. */
function all(shown: Shown): Row[] {
  const rows: Row[] = [];
  for (let i = shown.count - 1; i >= 0; i--) {
    const row = shown.at(i);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}
