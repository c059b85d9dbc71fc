import { useTexts } from "../texts/texts";
import { formatAge, formatCount, formatRate } from "../texts/numbers";
import type { Snapshot, Store } from "../watch/store";
import { describe, describeHeard } from "./describe";
import { Icon } from "./icon";
import { useLink } from "./address";
import { useNow } from "./now";
import { change, type Theme, useSettings } from "./settings";
import { Sparkline } from "./sparkline";

const nextTheme: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };

export function Header(props: { store: Store; snapshot: Snapshot; onNew: () => void; onHelp: () => void }) {
  const { store, snapshot } = props;
  const texts = useTexts();
  const [link, changeLink] = useLink();
  const { language, theme } = useSettings();
  const now = useNow();
  const { words, spoken, tone } = describe(texts, snapshot, now);
  const last = newest(snapshot);
  const arrivals = store.arrivals();
  const rate = arrivals.slice(-5).reduce((sum, count) => sum + count, 0) / 5;

  return (
    <header className="top">
      <h1>rollcall</h1>
      <p className={`connection ${tone}`} title={describeHeard(texts, snapshot.heardAt, now)}>
        <span className="dot" aria-hidden="true" />
        {words}
      </p>
      <p className="hidden" role="status">
        {spoken}
      </p>
      {last !== undefined && (
        <p className="last numbers" title={texts.position}>
          #{formatCount(last.sequence)}
          {last.at !== undefined && ` · ${formatAge(now - last.at)}`}
        </p>
      )}
      <div className="spacer" />
      <p className="rate numbers">
        <Sparkline counts={arrivals} />
        {texts.perSecond(formatRate(rate))}
      </p>
      <nav>
        {(["persons", "figures"] as const).map((page) => (
          <button
            key={page}
            type="button"
            className="tab"
            aria-current={link.page === page ? "page" : undefined}
            onClick={() => changeLink({ page })}
          >
            {texts[page]}
          </button>
        ))}
      </nav>
      <button
        type="button"
        className="icon"
        title={texts.language}
        aria-label={texts.language}
        onClick={() => change({ language: language === "en" ? "de" : "en" })}
      >
        {language.toUpperCase()}
      </button>
      <button
        type="button"
        className="icon"
        title={texts.theme[theme]}
        aria-label={texts.theme[theme]}
        onClick={() => change({ theme: nextTheme[theme] })}
      >
        <Icon name={theme} />
      </button>
      <button type="button" className="icon wide-only" title={`${texts.keys} (?)`} aria-label={texts.keys} onClick={props.onHelp}>
        <Icon name="keyboard" />
      </button>
      <button type="button" className="icon primary" title={`${texts.newPerson} (n)`} aria-label={texts.newPerson} onClick={props.onNew}>
        <Icon name="plus" />
      </button>
    </header>
  );
}

/** The newest that is shown, and when it was stored. */
function newest({ rows }: Snapshot): { sequence: number; at: number | undefined } | undefined {
  const row = rows.at(-1);
  if (row === undefined) return undefined;
  if (row.kind !== "gap") return { sequence: row.sequence, at: row.publishedAt };
  return row.last === 0 ? undefined : { sequence: row.last, at: undefined };
}
