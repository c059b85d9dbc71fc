// A filled-in form, and the submission that it makes.

import { create } from "@bufbuild/protobuf";
import { DateSchema, PersonSchema, PhoneNumberSchema, PhoneType } from "../gen/contact/v1/person_pb";
import { type SubmitPersonRequest, SubmitPersonRequestSchema } from "../gen/contact/v1/submit_pb";
import type { Person } from "../watch/row";

export type PhoneKind = "" | "mobile" | "home" | "work";

export interface DraftPhone {
  /** Stays with the phone while others are removed. */
  readonly id: number;
  readonly number: string;
  readonly type: PhoneKind;
}

export interface Draft {
  readonly name: string;
  readonly email: string;
  readonly phones: readonly DraftPhone[];
  /** As a date field has it: 1990-05-17, or "" for none. */
  readonly birthdate: string;
}

export const emptyDraft: Draft = { name: "", email: "", phones: [], birthdate: "" };

const phoneTypes: Record<PhoneKind, PhoneType> = {
  "": PhoneType.UNSPECIFIED,
  mobile: PhoneType.MOBILE,
  home: PhoneType.HOME,
  work: PhoneType.WORK,
};

/** Phones that were added and left empty are not submitted. */
export function toRequest(draft: Draft, idempotencyKey: string): SubmitPersonRequest {
  return request(
    {
      name: draft.name.trim(),
      email: draft.email.trim(),
      phones: filledPhones(draft).map(({ number, type }) => ({ number: number.trim(), type: type === "" ? undefined : type })),
      birthdate: readDate(draft.birthdate),
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

/** Reads a day such as 1990-05-17; undefined for anything else. */
export function readDate(text: string): { year: number; month: number; day: number } | undefined {
  const parts = /^(\d{4,6})-?(\d\d)-?(\d\d)$/.exec(text.trim());
  if (parts === null) return undefined;
  return { year: Number(parts[1]), month: Number(parts[2]), day: Number(parts[3]) };
}
