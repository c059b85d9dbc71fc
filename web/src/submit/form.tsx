import { ConnectError } from "@connectrpc/connect";
import { type FormEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { newKey } from "../idempotency/key";
import { formatCount } from "../texts/numbers";
import type { Texts } from "../texts/en";
import { useTexts } from "../texts/texts";
import { Icon } from "../ui/icon";
import type { Position } from "../watch/position";
import { type Draft, type DraftPhone, emptyDraft, filledPhones, type PhoneKind, toRequest } from "./draft";
import { check, type Mistakes, mistakesOf, words } from "./rules";
import { isUnknown, submit } from "./send";

type Outcome =
  | { readonly is: "stored"; readonly position: Position; readonly duplicate: boolean }
  | { readonly is: "unknown" }
  | { readonly is: "refused"; readonly message: string };

const noMistakes: Mistakes = new Map();

/** The form of a person. */
export function Form(props: { onStored: (position: Position) => void; onShow: (position: Position) => void }) {
  const texts = useTexts();
  const [draft, setDraft] = useState(emptyDraft);
  const [badDate, setBadDate] = useState(false);
  /** Fields that were left: what is wrong in them is said from then on. */
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState(noMistakes);
  const [attempt, setAttempt] = useState(0); // 0 while nothing is sent
  const [outcome, setOutcome] = useState<Outcome>();
  // One key for each person that is filled in: what is sent twice is stored once.
  const key = useRef(newKey());
  const sent = useRef(false);
  const sending = useRef<AbortController>(undefined);
  const nextId = useRef(1);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => () => sending.current?.abort(), []);

  const mistakes = useMemo(() => {
    const found = new Map([...refused, ...check(toRequest(draft, key.current))]);
    if (badDate) found.set("person.birthdate", { rule: "", message: texts.form.invalidDate });
    return found;
  }, [draft, refused, badDate, texts]);

  const change = (changed: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...changed }));
    setRefused(noMistakes);
    setOutcome(undefined);
    if (sent.current) {
      key.current = newKey(); // it is another person now
      sent.current = false;
    }
  };
  const changePhone = (id: number, changed: Partial<DraftPhone>) =>
    change({ phones: draft.phones.map((phone) => (phone.id === id ? { ...phone, ...changed } : phone)) });

  // A little later: a mistake moves what is below it, and a field is left by a click there.
  const leave = (path: string) => {
    const left = key.current;
    setTimeout(() => {
      if (key.current === left) setLeft((before) => new Set(before).add(path));
    }, 200);
  };
  const find = (path: string) => findMistake(texts, mistakes, path);
  const said = (path: string) => (left.has(path) || left.has("all") ? find(path) : undefined);
  const filled = filledPhones(draft);

  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (attempt > 0) return;
    setLeft(new Set(["all"]));
    if (mistakes.size > 0) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    const abort = new AbortController();
    sending.current = abort;
    sent.current = true;
    setOutcome(undefined);
    setAttempt(1);
    try {
      const answer = await submit(toRequest(draft, key.current), setAttempt, abort.signal);
      const position = { epoch: answer.epoch, sequence: Number(answer.sequence) };
      setOutcome({ is: "stored", position, duplicate: answer.duplicate });
      props.onStored(position);
      reset();
    } catch (err) {
      if (abort.signal.aborted) return;
      const found = mistakesOf(ConnectError.from(err));
      setRefused(found);
      if (isUnknown(err)) setOutcome({ is: "unknown" });
      else if (found.size === 0) setOutcome({ is: "refused", message: ConnectError.from(err).rawMessage });
    } finally {
      setAttempt(0);
    }
  };

  const reset = () => {
    setDraft(emptyDraft);
    setLeft(new Set());
    setRefused(noMistakes);
    key.current = newKey();
    sent.current = false;
    form.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
  };

  const wrong = left.has("all") ? mistakes.size : 0;
  return (
    <form ref={form} className="form" noValidate onSubmit={(event) => void send(event)}>
      <Field label={texts.form.name} mistake={said("person.name")}>
        {(attributes) => (
          <input
            {...attributes}
            data-autofocus
            autoComplete="name"
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
          const path = `person.phones[${place}].number`;
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
                    value={phone.number}
                    onChange={(event) => changePhone(phone.id, { number: event.target.value })}
                    onBlur={() => leave(`phone ${phone.id}`)}
                  />
                )}
              </Field>
              <select
                aria-label={texts.form.phoneType(i + 1)}
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
                onClick={() => change({ phones: draft.phones.filter(({ id }) => id !== phone.id) })}
              >
                <Icon name="close" />
              </button>
            </div>
          );
        })}
        {find("person.phones") !== undefined && (
          <p className="error" role="alert">
            {find("person.phones")}
          </p>
        )}
        <button
          type="button"
          className="quiet"
          onClick={() => change({ phones: [...draft.phones, { id: nextId.current++, number: "", type: "mobile" }] })}
        >
          <Icon name="plus" />
          {texts.form.addPhone}
        </button>
      </fieldset>
      <Field label={texts.form.birthdate} optional={texts.form.optional} mistake={said("person.birthdate")}>
        {(attributes) => (
          <input
            {...attributes}
            type="date"
            autoComplete="bday"
            max={new Date().toISOString().slice(0, 10)}
            value={draft.birthdate}
            onChange={(event) => {
              setBadDate(event.target.validity.badInput);
              change({ birthdate: event.target.value });
            }}
            onBlur={(event) => {
              setBadDate(event.target.validity.badInput);
              leave("person.birthdate");
            }}
          />
        )}
      </Field>
      <button type="submit" className="primary" disabled={attempt > 0}>
        {attempt > 0 ? texts.form.submitting : texts.form.submit}
      </button>
      <div className="outcome" role="status">
        {attempt > 1 && <p>{texts.form.again(attempt)}</p>}
        {wrong > 0 && <p className="error">{texts.form.correct(wrong)}</p>}
        {outcome?.is === "stored" && (
          <p className="good">
            {(outcome.duplicate ? texts.form.storedBefore : texts.form.stored)(formatCount(outcome.position.sequence))}{" "}
            <button type="button" className="quiet" onClick={() => props.onShow(outcome.position)}>
              {texts.form.show}
            </button>
          </p>
        )}
        {outcome?.is === "unknown" && <p className="error">{texts.form.unknown}</p>}
        {outcome?.is === "refused" && (
          <p className="error">
            {texts.form.failed}: {outcome.message}
          </p>
        )}
      </div>
    </form>
  );
}

/** What is wrong with a field, or within it: a date has three. */
function findMistake(texts: Texts, mistakes: Mistakes, path: string): string | undefined {
  const own = mistakes.get(path);
  if (own !== undefined) return words(texts, own);
  for (const [inner, mistake] of mistakes) if (inner.startsWith(`${path}.`)) return words(texts, mistake);
  return undefined;
}

interface FieldAttributes {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string | undefined;
}

function Field(props: {
  label: string;
  hideLabel?: boolean;
  optional?: string;
  mistake: string | undefined;
  children: (attributes: FieldAttributes) => ReactNode;
}) {
  const id = useId();
  const { label, hideLabel, optional, mistake } = props;
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel === true ? "hidden" : ""}>
        {label} {optional !== undefined && <span className="faint">{optional}</span>}
      </label>
      {props.children({
        id,
        "aria-invalid": mistake !== undefined,
        "aria-describedby": mistake === undefined ? undefined : `${id}-mistake`,
      })}
      {mistake !== undefined && (
        <p className="error" id={`${id}-mistake`}>
          {mistake}
        </p>
      )}
    </div>
  );
}
