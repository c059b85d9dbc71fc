// From the API's messages to rows.

import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type Person as PersonMessage, PhoneType as PhoneTypeEnum } from "../gen/contact/v1/person_pb";
import {
  type Gap,
  GapReason as GapReasonEnum,
  type PersonEvent,
} from "../gen/contact/v1/watch_pb";
import type { GapReason, GapRow, Person, PersonRow, PhoneType, RejectedRow } from "./row";

export function readEvent(epoch: string, event: PersonEvent): PersonRow | RejectedRow {
  const sequence = Number(event.sequence);
  const publishedAt = event.publishedAt === undefined ? 0 : timestampMs(event.publishedAt);
  switch (event.payload.case) {
    case "person":
      return { kind: "person", epoch, sequence, publishedAt, person: readPerson(event.payload.value) };
    case "rejected": {
      const { reason, size } = event.payload.value;
      return { kind: "rejected", epoch, sequence, publishedAt, reason, size };
    }
    default:
      // A server newer than this page: say so rather than show nothing.
      return { kind: "rejected", epoch, sequence, publishedAt, reason: "unknown kind of event", size: 0 };
  }
}

export function readPerson(person: PersonMessage): Person {
  const { birthdate } = person;
  return {
    name: person.name,
    email: person.email,
    phones: person.phones.map(({ number, type }) => ({ number, type: readPhoneType(type) })),
    birthdate:
      birthdate === undefined
        ? undefined
        : { year: birthdate.year, month: birthdate.month, day: birthdate.day },
  };
}

function readPhoneType(type: PhoneTypeEnum): PhoneType {
  switch (type) {
    case PhoneTypeEnum.MOBILE:
      return "mobile";
    case PhoneTypeEnum.HOME:
      return "home";
    case PhoneTypeEnum.WORK:
      return "work";
    default:
      return undefined;
  }
}

export function readGap(epoch: string, gap: Gap): GapRow {
  return {
    kind: "gap",
    epoch,
    first: Number(gap.first),
    last: Number(gap.last),
    reason: readReason(gap.reason),
  };
}

function readReason(reason: GapReasonEnum): GapReason {
  switch (reason) {
    case GapReasonEnum.NOT_RETAINED:
      return "notRetained";
    case GapReasonEnum.DELETED:
      return "deleted";
    case GapReasonEnum.EPOCH_CHANGED:
      return "epochChanged";
    default:
      return "unknown";
  }
}
