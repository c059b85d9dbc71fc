// A filled-in form, and the submission that it makes.

import { create } from "@bufbuild/protobuf";
import { DateSchema, PersonSchema, PhoneNumberSchema, PhoneType } from "../gen/contact/v1/person_pb";
import { type SubmitPersonRequest, SubmitPersonRequestSchema } from "../gen/contact/v1/submit_pb";
import type { BirthDate, Person } from "../watch/row";

export type PhoneKind = "" | "mobile" | "home" | "work";

export interface DraftPhone {
  /** Stays with the phone while others are removed. */
  readonly id: number;
  readonly number: string;
  readonly type: PhoneKind;
}

export interface DraftBirthdate {
  /** As it was typed. */
  readonly text: string;
  /** What was read from it then, and stays so in whatever language the page speaks later. */
  readonly date: BirthDate | undefined;
  /** A year of long ago that was confirmed. */
  readonly confirmedYear: number | undefined;
}

export interface Draft {
  readonly name: string;
  readonly email: string;
  readonly phones: readonly DraftPhone[];
  readonly birthdate: DraftBirthdate;
}

export const emptyDraft: Draft = {
  name: "",
  email: "",
  phones: [],
  birthdate: { text: "", date: undefined, confirmedYear: undefined },
};

/** Whether nothing would be lost with it. */
export function isEmpty(draft: Draft): boolean {
  const texts = [draft.name, draft.email, draft.birthdate.text, ...draft.phones.map(({ number }) => number)];
  return texts.every((text) => text.trim() === "");
}

const phoneTypes: Record<PhoneKind, PhoneType> = {
  "": PhoneType.UNSPECIFIED,
  mobile: PhoneType.MOBILE,
  home: PhoneType.HOME,
  work: PhoneType.WORK,
};

/** Stands for a date that is not a whole one. The rules refuse it, where to leave it out would lose it. */
export const noDate: BirthDate = { year: 0, month: 0, day: 0 };

/** Phones that were added and left empty are not submitted. */
export function toRequest(draft: Draft, idempotencyKey: string): SubmitPersonRequest {
  const { text, date } = draft.birthdate;
  return request(
    {
      name: draft.name.trim(),
      email: draft.email.trim(),
      phones: filledPhones(draft).map(({ number, type }) => ({ number: number.trim(), type: type === "" ? undefined : type })),
      birthdate: text.trim() === "" ? undefined : (date ?? noDate),
    },
    idempotencyKey,
  );
}

export function filledPhones(draft: Draft): DraftPhone[] {
  return draft.phones.filter(({ number }) => number.trim() !== "");
}

export function request(person: Person, idempotencyKey: string): SubmitPersonRequest {
  const { name, email, phones, birthdate } = person;
  return create(SubmitPersonRequestSchema, {
    idempotencyKey,
    person: create(PersonSchema, {
      name,
      email,
      phones: phones.map(({ number, type }) => create(PhoneNumberSchema, { number, type: phoneTypes[type ?? ""] })),
      ...(birthdate && { birthdate: create(DateSchema, birthdate) }),
    }),
  });
}
