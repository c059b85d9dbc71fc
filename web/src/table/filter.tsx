import { type RefObject, useEffect, useId, useRef, useState } from "react";
import { formatCount } from "../texts/numbers";
import { useTexts } from "../texts/texts";
import { useLink } from "../ui/address";
import { blurOnEscape } from "../ui/keys";
import type { Connection } from "../watch/connection";
import type { FilterCheck } from "../watch/filter";
import type { Store } from "../watch/store";

/** What the server said of a text, other than to take it. */
interface Objection {
  readonly text: string;
  readonly check: Exclude<FilterCheck, { is: "accepted" }>;
}

/**
 * The filter is sent when it is complete: with Enter, or when the field is left. Until
 * the server has accepted it the list stays as it is, under the filter before.
 */
export function Filter(props: { inputRef: RefObject<HTMLInputElement | null>; store: Store; connection: Connection; failed: number }) {
  const { inputRef, store, connection, failed } = props;
  const texts = useTexts();
  const [link, changeLink] = useLink();
  const [text, setText] = useState(link.view.filter);
  const [objection, setObjection] = useState<Objection>();
  /** The text that was sent last. */
  const sent = useRef(link.view.filter);
  const view = useRef(link.view);
  view.current = link.view;
  const id = useId();
  useEffect(() => {
    setText(link.view.filter);
    setObjection(undefined);
    sent.current = link.view.filter;
  }, [link.view.filter]);

  const send = async () => {
    const wanted = text.trim();
    sent.current = wanted;
    if (wanted === link.view.filter) {
      setObjection(undefined);
      return;
    }
    const check: FilterCheck = wanted === "" ? { is: "accepted" } : await store.check(wanted);
    if (sent.current !== wanted || view.current.filter === wanted) return; // it was sent again, or another was
    if (check.is === "accepted") changeLink({ view: { ...view.current, filter: wanted } });
    else setObjection({ text: wanted, check });
  };

  const mistake = mistakeIn(link.view.filter, connection, objection);
  const words = objection?.check.is === "unanswered" ? texts.filterUnchecked : mistake?.message;
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
        aria-invalid={mistake !== undefined}
        aria-describedby={words === undefined ? undefined : `${id}-error`}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => text.trim() !== objection?.text && void send()}
        onKeyDown={(event) => {
          if (event.key === "Enter") void send();
          blurOnEscape(event);
        }}
      />
      {words !== undefined && (
        <p className="error" id={`${id}-error`} role="alert">
          {mistake !== undefined && <Caret {...mistake} />}
          {words}
        </p>
      )}
      {failed > 0 && <p className="faint">{texts.filterFailed(failed, formatCount(failed))}</p>}
    </div>
  );
}

interface Mistake {
  readonly text: string;
  readonly message: string;
}

/** The mistake in what was sent last, or in the filter that the page was opened with. */
function mistakeIn(filter: string, connection: Connection, objection: Objection | undefined): Mistake | undefined {
  if (objection !== undefined) {
    return objection.check.is === "refused" ? { text: objection.text, message: objection.check.message } : undefined;
  }
  const refused = connection.is === "refused" && connection.field === "filter";
  return refused ? { text: filter, message: connection.message } : undefined;
}

/** Points at the column that the message names. */
function Caret({ text, message }: Mistake) {
  const column = Number(/column ([0-9]+)/.exec(message)?.[1]);
  if (!(column > 0)) return null;
  return (
    <span className="caret" aria-hidden="true">
      {text.slice(0, column - 1)}
      <b>^</b>
    </span>
  );
}
