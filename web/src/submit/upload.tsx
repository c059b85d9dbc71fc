import { useId, useState } from "react";
import { Foreign, Sentence } from "../foreign/foreign";
import { formatCount } from "../texts/numbers";
import { useTexts } from "../texts/texts";
import { Icon } from "../ui/icon";
import { Question } from "../ui/question";
import { request } from "./draft";
import type { FileImport, FileImportState, RefusedRow } from "./fileimport";
import { RefusalWords } from "./outcome";
import type { Entry } from "./read";
import { check, words } from "./rules";

/** So many are shown before they are submitted, and of those refused. */
const shownAtMost = 50;

/** A file of persons: a look at it, then submitting it. */
export function Upload({ fileImport, state }: { fileImport: FileImport; state: FileImportState }) {
  const texts = useTexts();
  const [asking, setAsking] = useState(false);
  const { file, entries, trouble, is, rest } = state;
  if (file === undefined) return <Choice onFile={(chosen) => void fileImport.take(chosen)} />;
  if (entries === undefined) return <div className="skeleton" />;
  return (
    <section className="upload">
      <h3>
        <Sentence words={(name) => (entries.length === 0 ? name : texts.upload.found(formatCount(entries.length), name))} foreign={file.name} />
      </h3>
      {trouble !== undefined && <p className="error">{texts.upload.troubles[trouble]}</p>}
      {is === "chosen" ? <Preview entries={entries} /> : <Progress state={state} all={entries.length} />}
      {state.turnedAway !== undefined && (
        <p className="error" role="alert">
          <Sentence words={texts.upload.turnedAway} foreign={state.turnedAway} />
        </p>
      )}
      <p className="actions">
        {is === "chosen" && rest > 0 && (
          <button type="button" className="primary" onClick={() => void fileImport.start()}>
            {texts.upload.submit(formatCount(rest))}
          </button>
        )}
        {is === "underWay" && (
          <button type="button" className="quiet" onClick={() => fileImport.stop()}>
            {texts.upload.stop}
          </button>
        )}
        {is === "stopped" && (
          <button type="button" className="primary" onClick={() => void fileImport.start()}>
            {state.refusal?.retry === "never" ? texts.upload.submitRest(formatCount(rest)) : texts.upload.goOn}
          </button>
        )}
        {is !== "underWay" && (
          <button type="button" className="quiet" onClick={() => (is === "stopped" ? setAsking(true) : fileImport.close())}>
            {is === "chosen" ? texts.upload.cancel : texts.close}
          </button>
        )}
      </p>
      {asking && (
        <Question
          no={texts.form.keep}
          yes={texts.close}
          onNo={() => setAsking(false)}
          onYes={() => {
            setAsking(false);
            fileImport.close();
          }}
        >
          <Sentence words={(name) => texts.upload.askClose(formatCount(rest), name)} foreign={file.name} />
        </Question>
      )}
    </section>
  );
}

/** Asks before a closing panel stops an import. */
export function StopQuestion(props: { state: FileImportState; onNo: () => void; onYes: () => void }) {
  const texts = useTexts();
  const { file, entries } = props.state;
  const stored = formatCount(storedOf(props.state));
  const all = formatCount(entries?.length ?? 0);
  return (
    <Question no={texts.upload.importOn} yes={texts.upload.stop} onNo={props.onNo} onYes={props.onYes}>
      <Sentence words={(name) => texts.upload.askStop(stored, all, name)} foreign={file?.name ?? ""} />
    </Question>
  );
}

function storedOf({ stored, duplicates }: FileImportState): number {
  return stored + duplicates;
}

function Choice({ onFile }: { onFile: (file: File) => void }) {
  const texts = useTexts();
  const [over, setOver] = useState(false);
  const id = useId();
  return (
    <section
      className={over ? "drop over" : "drop"}
      onDragOver={() => setOver(true)}
      onDragLeave={() => setOver(false)}
      onDrop={() => setOver(false)}
    >
      <h3>{texts.upload.heading}</h3>
      <p>{texts.upload.drop}</p>
      <label className="quiet button" htmlFor={id}>
        {texts.upload.choose}
      </label>
      <input
        id={id}
        className="hidden"
        type="file"
        accept=".vcf,.csv,text/vcard,text/csv"
        onChange={(event) => {
          const [chosen] = event.target.files ?? [];
          if (chosen !== undefined) onFile(chosen);
        }}
      />
    </section>
  );
}

function Progress({ state, all }: { state: FileImportState; all: number }) {
  const texts = useTexts();
  const { is, stored, duplicates, refused, rest, refusal } = state;
  const counts = texts.upload.done(formatCount(stored), formatCount(duplicates), formatCount(refused.length));
  return (
    <>
      <progress max={all} value={all - rest} aria-label={texts.upload.heading} />
      <div role="status" className="numbers">
        {is === "underWay" && <p>{texts.upload.progress(formatCount(all - rest), formatCount(all))}</p>}
        {is === "done" && <p>{counts}</p>}
        {is === "stopped" && refusal !== undefined && (
          <>
            <p>{texts.upload.stopped(formatCount(storedOf(state)), formatCount(all), formatCount(rest))}</p>
            {refusal.why !== "stoppedHere" && (
              <p className="error">
                <RefusalWords refusal={refusal} />
              </p>
            )}
            <p>{refusal.retry === "never" ? texts.upload.howToGoOnLater : texts.upload.howToGoOn}</p>
          </>
        )}
      </div>
      <Refusals refused={refused} />
    </>
  );
}

function Preview({ entries }: { entries: readonly Entry[] }) {
  const texts = useTexts();
  return (
    <ol className="preview plain">
      {entries.slice(0, shownAtMost).map(({ line, person }) => {
        const [mistake] = check(request(person, "")).values();
        return (
          <li key={line}>
            <b>
              <Foreign text={person.name} />
            </b>{" "}
            <span className="faint">
              <Foreign text={person.email} />
            </span>
            {mistake !== undefined && <span className="error"> {words(texts, mistake)}</span>}
          </li>
        );
      })}
      {entries.length > shownAtMost && <li className="faint">{texts.upload.more(formatCount(entries.length - shownAtMost))}</li>}
    </ol>
  );
}

function Refusals({ refused }: { refused: readonly RefusedRow[] }) {
  const texts = useTexts();
  if (refused.length === 0) return null;
  return (
    <>
      <h4>
        <Icon name="warning" /> {texts.upload.refused}
      </h4>
      <ol className="preview plain">
        {refused.slice(0, shownAtMost).map(({ entry, refusal }) => {
          const [mistake] = refusal.mistakes.values();
          return (
            <li key={entry.line}>
              {texts.upload.line(formatCount(entry.line))}:{" "}
              <b>
                <Foreign text={entry.person.name} />
              </b>{" "}
              <span className="error">{mistake === undefined ? <RefusalWords refusal={refusal} /> : words(texts, mistake)}</span>
            </li>
          );
        })}
        {refused.length > shownAtMost && <li className="faint">{texts.upload.more(formatCount(refused.length - shownAtMost))}</li>}
      </ol>
    </>
  );
}
