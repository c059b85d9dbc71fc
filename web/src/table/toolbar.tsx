import type { RefObject } from "react";
import { save } from "../export/save";
import { formatCount } from "../texts/numbers";
import { useTexts } from "../texts/texts";
import { Icon } from "../ui/icon";
import { useLink } from "../ui/address";
import { formatStart, parseStart } from "../ui/link";
import { blurOnEscape } from "../ui/keys";
import { Menu } from "../ui/menu";
import type { Row } from "../watch/row";
import type { Snapshot, Store } from "../watch/store";
import type { Start } from "../watch/view";
import { Filter } from "./filter";
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
      <Filter inputRef={props.filterRef} store={props.store} connection={snapshot.connection} failed={snapshot.failed} />
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

/** What is exported is in the stream's order. */
function all(shown: Shown): Row[] {
  const rows: Row[] = [];
  for (let i = shown.count - 1; i >= 0; i--) {
    const row = shown.at(i);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}
