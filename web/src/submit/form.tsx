import { type FormEvent, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { Texts } from "../texts/en";
import { regional, useTexts } from "../texts/texts";
import { Icon } from "../ui/icon";
import { Question } from "../ui/question";
import { useSettings } from "../ui/settings";
import type { Position } from "../watch/position";
import { BirthdateField, birthdateMistake } from "./birthdatefield";
import { type Draft, type DraftPhone, filledPhones, isEmpty, type PhoneKind, toRequest } from "./draft";
import { Field } from "./field";
import { Outcome } from "./outcome";
import { check, type Mistakes, words } from "./rules";
import type { Submission, SubmissionState } from "./submission";

interface Props {
  submission: Submission;
  onStored: (position: Position) => void;
  onShow: (position: Position) => void;
}

/** The form of a person. Each person has a fresh one, so that nothing of the one before is left in it. */
export function Form(props: Props) {
  const { submission } = props;
  const state = useSyncExternalStore(submission.subscribe, submission.snapshot);
  const first = useRef(state.number);
  return (
    <section className="form">
      <FormOf key={state.number} submission={submission} state={state} takeFocus={state.number !== first.current} onStored={props.onStored} />
      <div className="outcome" role="status">
        <Outcome state={state} onShow={props.onShow} />
      </div>
    </section>
  );
}

function FormOf(props: Pick<Props, "submission" | "onStored"> & { state: SubmissionState; takeFocus: boolean }) {
  const { submission, state, takeFocus, onStored } = props;
  const texts = useTexts();
  const locale = regional(useSettings().language);
  /** Fields that were left: what is wrong in them is said from then on. */
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const name = useRef<HTMLInputElement>(null);

  const { draft, attempt, outcome, sent } = state;
  const sending = attempt > 0;
  const mistakes = useMemo(() => findMistakes(texts, state, locale), [texts, state, locale]);

  useEffect(() => {
    // The field that had the focus is gone with the person before. Whoever is elsewhere on the page stays there.
    const { activeElement, body } = document;
    const isHere = activeElement === body || form.current?.closest(".panel")?.contains(activeElement) === true;
    if (takeFocus && isHere) name.current?.focus();
  }, [takeFocus]);

  const change = (changed: Partial<Draft>) => submission.change(changed);
  const changePhone = (id: number, changed: Partial<DraftPhone>) =>
    change({ phones: draft.phones.map((phone) => (phone.id === id ? { ...phone, ...changed } : phone)) });

  // A little later: a mistake moves what is below it, and a field is left by a click there.
  const leave = (field: string) => setTimeout(() => setLeft((before) => new Set(before).add(field)), 200);
  const find = (path: string) => findMistake(mistakes, path);
  const said = (path: string) => (left.has(path) || left.has("all") ? find(path) : undefined);
  const filled = filledPhones(draft);

  const send = (event: FormEvent) => {
    event.preventDefault();
    // The second click of two, or a key that is held.
    if (outcome?.is === "stored" && isEmpty(draft)) {
      name.current?.focus();
      return;
    }
    setLeft(new Set(["all"]));
    if (mistakes.size > 0) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    void submission.send(onStored);
  };

  const wrong = left.has("all") ? mistakes.size : 0;
  return (
    <form ref={form} className="fields" noValidate aria-busy={sending} onSubmit={send}>
      <Field label={texts.form.name} mistake={said("person.name")}>
        {(attributes) => (
          <input
            {...attributes}
            ref={name}
            data-autofocus
            autoComplete="name"
            readOnly={sending}
            value={draft.name}
            onChange={(event) => change({ name: event.target.value })}
            onBlur={() => draft.name !== "" && leave("person.name")}
          />
        )}
      </Field>
      <Field label={texts.form.email} mistake={said("person.email")}>
        {(attributes) => (
          <input
            {...attributes}
            type="email"
            autoComplete="email"
            readOnly={sending}
            value={draft.email}
            onChange={(event) => change({ email: event.target.value })}
            onBlur={() => draft.email !== "" && leave("person.email")}
          />
        )}
      </Field>
      <fieldset>
        <legend>
          {texts.form.phones} <span className="faint">{texts.form.optional}</span>
        </legend>
        {draft.phones.map((phone, i) => {
          const place = filled.indexOf(phone);
          const path = `person.phones[${place}]`;
          return (
            <div className="phone" key={phone.id}>
              <Field
                label={texts.form.phone(i + 1)}
                hideLabel
                mistake={place >= 0 && left.has(`phone ${phone.id}`) ? find(path) : place >= 0 ? said(path) : undefined}
              >
                {(attributes) => (
                  <input
                    {...attributes}
                    type="tel"
                    autoComplete="tel"
                    placeholder="+49 30 1234567"
                    readOnly={sending}
                    value={phone.number}
                    onChange={(event) => changePhone(phone.id, { number: event.target.value })}
                    onBlur={() => leave(`phone ${phone.id}`)}
                  />
                )}
              </Field>
              <select
                aria-label={texts.form.phoneType(i + 1)}
                disabled={sending}
                value={phone.type}
                onChange={(event) => changePhone(phone.id, { type: event.target.value as PhoneKind })}
              >
                <option value="">–</option>
                {(["mobile", "home", "work"] as const).map((type) => (
                  <option key={type} value={type}>
                    {texts.phoneTypes[type]}
                  </option>
                ))}
              </select>
              <button
                type="button"
                className="icon"
                title={texts.form.removePhone(i + 1)}
                aria-label={texts.form.removePhone(i + 1)}
                disabled={sending}
                onClick={() => change({ phones: draft.phones.filter(({ id }) => id !== phone.id) })}
              >
                <Icon name="close" />
              </button>
            </div>
          );
        })}
        {mistakes.has("person.phones") && (
          <p className="error" role="alert">
            {mistakes.get("person.phones")}
          </p>
        )}
        <button
          type="button"
          className="quiet"
          disabled={sending}
          onClick={() => change({ phones: [...draft.phones, { id: nextId(draft.phones), number: "", type: "mobile" }] })}
        >
          <Icon name="plus" />
          {texts.form.addPhone}
        </button>
      </fieldset>
      <BirthdateField
        birthdate={draft.birthdate}
        mistake={said("person.birthdate")}
        readOnly={sending}
        onChange={(birthdate) => change({ birthdate })}
        onLeave={() => leave("person.birthdate")}
      />
      <p className="actions">
        <button type="submit" className="primary" disabled={sending}>
          {sending ? texts.form.submitting : texts.form.submit}
        </button>
        {attempt > 1 && (
          <button type="button" className="quiet" onClick={() => submission.stop()}>
            {texts.form.stop}
          </button>
        )}
        {!sending && !isEmpty(draft) && (
          <button type="button" className="quiet" onClick={() => setAsking(true)}>
            {texts.form.discard}
          </button>
        )}
      </p>
      <div className="corrections" role="status">
        {wrong > 0 && <p className="error">{texts.form.correct(wrong)}</p>}
        {[...mistakes].map(([path, mistake]) =>
          hasPlace(path) ? null : (
            <p className="error" key={path}>
              {mistake}
            </p>
          ),
        )}
      </div>
      {asking && (
        <Question
          no={texts.form.keep}
          yes={texts.form.discard}
          onNo={() => setAsking(false)}
          onYes={() => {
            setAsking(false);
            submission.discard();
          }}
        >
          {sent === undefined ? texts.form.askDiscard : texts.form.askDiscardSent}
        </Question>
      )}
    </form>
  );
}

/** What is wrong in words, by field: by the API's rules, by the server, and by the form itself. */
function findMistakes(texts: Texts, { draft, outcome }: SubmissionState, locale: string): ReadonlyMap<string, string> {
  const said: Mistakes = outcome?.is === "refused" ? outcome.refusal.mistakes : new Map();
  const found = new Map([...said, ...check(toRequest(draft, ""))].map(([path, mistake]) => [path, words(texts, mistake)]));
  const birthdate = birthdateMistake(texts, draft.birthdate, locale);
  if (birthdate === undefined) return found;
  for (const path of found.keys()) if (isWithin(path, "person.birthdate")) found.delete(path);
  return found.set("person.birthdate", birthdate);
}

/** What is wrong with a field, or within it: a date has three. */
function findMistake(mistakes: ReadonlyMap<string, string>, field: string): string | undefined {
  for (const [path, mistake] of mistakes) if (isWithin(path, field)) return mistake;
  return undefined;
}

function isWithin(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`);
}

/** Whether a mistake is said at a field. */
function hasPlace(path: string): boolean {
  return /^person\.(name|email|phones|birthdate)\b/.test(path);
}

function nextId(phones: readonly DraftPhone[]): number {
  return 1 + Math.max(0, ...phones.map(({ id }) => id));
}
