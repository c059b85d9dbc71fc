import { type Texts } from "../texts/en";
import { regional, useTexts } from "../texts/texts";
import { useSettings } from "../ui/settings";
import type { DraftBirthdate } from "./draft";
import { Field } from "./field";
import { dateInWords, exampleDate, readTypedDate, todayUTC } from "./typeddate";

/** Who was born before this year is not alive, or was mistyped. */
const longAgo = 1900;

/** A day as it is typed, and in words what was read from it. */
export function BirthdateField(props: {
  birthdate: DraftBirthdate;
  mistake: string | undefined;
  readOnly: boolean;
  onChange: (birthdate: DraftBirthdate) => void;
  onLeave: () => void;
}) {
  const texts = useTexts();
  const { language } = useSettings();
  const locale = regional(language);
  const { birthdate, mistake, readOnly, onChange } = props;
  const { text, date, confirmedYear } = birthdate;
  return (
    <div className="birthdate">
      <Field
        label={texts.birthdate}
        optional={texts.form.optional}
        note={date === undefined ? undefined : dateInWords(date, language)}
        mistake={mistake}
      >
        {(attributes) => (
          <input
            {...attributes}
            type="text"
            autoComplete="bday"
            spellCheck={false}
            placeholder={exampleDate(locale)}
            readOnly={readOnly}
            value={text}
            onChange={(event) => {
              const typed = event.target.value;
              onChange({ text: typed, date: readTypedDate(typed, locale, todayUTC()), confirmedYear });
            }}
            onBlur={props.onLeave}
          />
        )}
      </Field>
      {date !== undefined && date.year < longAgo && (
        <label className="confirm">
          <input
            type="checkbox"
            checked={confirmedYear === date.year}
            disabled={readOnly}
            onChange={(event) => onChange({ ...birthdate, confirmedYear: event.target.checked ? date.year : undefined })}
          />
          {texts.form.yearIsRight(String(date.year))}
        </label>
      )}
    </div>
  );
}

/** What keeps a day that was typed from being submitted, beside the rules of the API. */
export function birthdateMistake(texts: Texts, { text, date, confirmedYear }: DraftBirthdate, locale: string): string | undefined {
  if (text.trim() === "") return undefined;
  if (date === undefined) return texts.form.unreadableDate(exampleDate(locale));
  if (date.year < longAgo && confirmedYear !== date.year) return texts.form.longAgo(String(date.year));
  return undefined;
}
