import { ConnectError } from "@connectrpc/connect";
import { useEffect, useId, useRef, useState } from "react";
import { formatCount } from "../texts/numbers";
import { useTexts } from "../texts/texts";
import { Icon } from "../ui/icon";
import { request } from "./draft";
import { type Entry, readBytes, type Trouble } from "./read";
import { check, type Mistake, mistakesIn, words } from "./rules";
import { client, persist } from "./send";

/** So many are sent in one call; the API takes up to 1,000. */
const batch = 200;
/** So many are shown before they are submitted, and of those refused. */
const shownAtMost = 50;

interface Refusal {
  readonly entry: Entry;
  readonly why: Mistake;
}

interface Progress {
  readonly done: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly refused: readonly Refusal[];
  readonly ended: boolean;
  readonly trouble: string | undefined;
}

const begin: Progress = { done: 0, stored: 0, duplicates: 0, refused: [], ended: false, trouble: undefined };

interface Loaded {
  readonly entries: readonly Entry[];
  /** Why there are none. */
  readonly trouble: Trouble | undefined;
  /** Of the file's bytes: with a row's number it makes the row's key. */
  readonly hash: string;
}

/** A file of persons: a look at it, then submitting it. */
export function Upload({ file, onFile }: { file: File | undefined; onFile: (file: File | undefined) => void }) {
  const texts = useTexts();
  const [over, setOver] = useState(false);
  const [loaded, setLoaded] = useState<Loaded>();
  const [progress, setProgress] = useState<Progress>();
  const sending = useRef<AbortController>(undefined);
  const id = useId();

  useEffect(() => {
    setLoaded(undefined);
    setProgress(undefined);
    if (file === undefined) return;
    let current = true;
    void load(file).then((read) => {
      if (current) setLoaded(read);
    });
    return () => {
      current = false;
      sending.current?.abort();
    };
  }, [file]);

  const start = async () => {
    if (loaded === undefined) return;
    const abort = new AbortController();
    sending.current = abort;
    setProgress(begin);
    await submitAll(loaded, abort.signal, setProgress);
  };

  if (file === undefined) {
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
          onChange={(event) => onFile(event.target.files?.[0])}
        />
      </section>
    );
  }
  if (loaded === undefined) return <div className="skeleton" />;
  const { entries } = loaded;
  return (
    <section className="upload">
      <h3>{entries.length === 0 ? file.name : texts.upload.found(formatCount(entries.length), file.name)}</h3>
      {loaded.trouble !== undefined && <p className="error">{texts.upload.troubles[loaded.trouble]}</p>}
      {progress === undefined ? (
        <>
          <Preview entries={entries} />
          <p className="actions">
            {entries.length > 0 && (
              <button type="button" className="primary" onClick={() => void start()}>
                {texts.upload.submit(formatCount(entries.length))}
              </button>
            )}
            <button type="button" className="quiet" onClick={() => onFile(undefined)}>
              {texts.upload.cancel}
            </button>
          </p>
        </>
      ) : (
        <>
          <progress max={entries.length} value={progress.done} aria-label={texts.upload.heading} />
          <p role="status" className="numbers">
            {progress.ended
              ? texts.upload.done(
                  formatCount(progress.stored),
                  formatCount(progress.duplicates),
                  formatCount(progress.refused.length),
                )
              : texts.upload.progress(formatCount(progress.done), formatCount(entries.length))}
          </p>
          {progress.trouble !== undefined && (
            <p className="error">
              {progress.trouble} {texts.upload.stopped}
            </p>
          )}
          <Refusals refused={progress.refused} />
          <button type="button" className="quiet" onClick={() => onFile(undefined)}>
            {progress.ended ? texts.close : texts.upload.cancel}
          </button>
        </>
      )}
    </section>
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
            <b>{person.name}</b> <span className="faint">{person.email}</span>
            {mistake !== undefined && <span className="error"> {words(texts, mistake)}</span>}
          </li>
        );
      })}
      {entries.length > shownAtMost && <li className="faint">{texts.upload.more(formatCount(entries.length - shownAtMost))}</li>}
    </ol>
  );
}

function Refusals({ refused }: { refused: readonly Refusal[] }) {
  const texts = useTexts();
  if (refused.length === 0) return null;
  return (
    <>
      <h4>
        <Icon name="warning" /> {texts.upload.refused}
      </h4>
      <ol className="preview plain">
        {refused.slice(0, shownAtMost).map(({ entry, why }) => (
          <li key={entry.line}>
            {texts.upload.line(formatCount(entry.line))}: <b>{entry.person.name}</b> <span className="error">{words(texts, why)}</span>
          </li>
        ))}
        {refused.length > shownAtMost && <li className="faint">{texts.upload.more(formatCount(refused.length - shownAtMost))}</li>}
      </ol>
    </>
  );
}

async function load(file: File): Promise<Loaded> {
  const bytes = await file.arrayBuffer();
  return { ...readBytes(bytes), hash: await hashOf(new Uint8Array(bytes)) };
}

/** The same file has the same keys, so that it can be submitted again after a break. */
async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (globalThis.crypto.subtle !== undefined) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  // Over plain HTTP to another machine there is no digest: FNV-1a, twice.
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193) >>> 0;
    b = Math.imul(b ^ byte, 0x811c9dc5) >>> 0;
  }
  return `${a.toString(16)}-${b.toString(16)}-${bytes.length}`;
}

async function submitAll({ entries, hash }: Loaded, signal: AbortSignal, tell: (progress: Progress) => void): Promise<void> {
  let progress = begin;
  for (let from = 0; from < entries.length; from += batch) {
    const part = entries.slice(from, from + batch);
    const submissions = part.map(({ person }, i) => request(person, `${hash}-${from + i + 1}`));
    try {
      const { results } = await persist(() => client.submitPersons({ submissions }, { signal }), () => {}, signal);
      progress = results.reduce((sum, { result }, i) => count(sum, part[i], result), progress);
    } catch (err) {
      if (!signal.aborted) tell({ ...progress, trouble: ConnectError.from(err).rawMessage });
      return;
    }
    if (signal.aborted) return;
    tell(progress);
  }
  tell({ ...progress, ended: true });
}

type Result = Awaited<ReturnType<typeof client.submitPersons>>["results"][number]["result"];

function count(progress: Progress, entry: Entry | undefined, result: Result): Progress {
  const done = progress.done + 1;
  if (result.case === "stored") {
    const { duplicate } = result.value;
    return {
      ...progress,
      done,
      stored: progress.stored + (duplicate ? 0 : 1),
      duplicates: progress.duplicates + (duplicate ? 1 : 0),
    };
  }
  return { ...progress, done, refused: entry === undefined ? progress.refused : [...progress.refused, { entry, why: reasonOf(result) }] };
}

/** The first rule that is broken, or what the server says. */
function reasonOf(result: Result): Mistake {
  if (result.case !== "error") return { rule: "", message: "no result" };
  const [mistake] = mistakesIn(result.value.violations).values();
  return mistake ?? { rule: "", message: result.value.message };
}
