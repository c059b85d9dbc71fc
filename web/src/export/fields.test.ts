// Every field of the API's person, those that are added later as well, passes through
// rows, exports and files back into a submission.

import { create, type DescField, type DescMessage, fromJson, type JsonValue, type Message, ScalarType } from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { expect, it } from "vitest";
import { type Person as PersonMessage, PersonSchema } from "../gen/contact/v1/person_pb";
import { PersonEventSchema } from "../gen/contact/v1/watch_pb";
import { request } from "../submit/draft";
import { readFile } from "../submit/read";
import { readEvent } from "../watch/read";
import type { PersonRow } from "../watch/row";
import { toCSV } from "./csv";
import { toNDJSON } from "./json";
import { toVCards } from "./vcard";

/** What a file does not carry, such as "CSV nickname", each with the reason. */
const exceptions: Readonly<Record<string, string>> = {};

/** Writes a person and reads it again. */
const ways: Readonly<Record<string, (row: PersonRow) => PersonMessage>> = {
  row: (row) => submitted(row.person),
  NDJSON: (row) => {
    const { person } = JSON.parse(toNDJSON([row])) as { person: JsonValue };
    return fromJson(PersonSchema, person);
  },
  CSV: (row) => submitted(readFile(toCSV([row]))[0]?.person),
  vCard: (row) => submitted(readFile(toVCards([row]))[0]?.person),
};

function submitted(person: PersonRow["person"] | undefined): PersonMessage {
  if (person === undefined) throw new Error("nobody was read");
  return request(person, "key").person ?? create(PersonSchema);
}

/** The ways of a message's fields, through the messages that it holds. */
function fieldsOf(message: DescMessage, above: readonly DescField[] = []): DescField[][] {
  return message.fields.flatMap((field) => {
    const steps = [...above, field];
    return field.message === undefined ? [steps] : fieldsOf(field.message, steps);
  });
}

const fields = fieldsOf(PersonSchema).map((steps) => [steps.map(({ name }) => name).join("."), steps] as const);

/** The message that has the last of the fields; made where it is missing. */
function holderOf(person: Message, steps: readonly DescField[]): ReflectMessage {
  let holder = reflect(PersonSchema, person as PersonMessage);
  for (const step of steps.slice(0, -1)) {
    if (step.fieldKind === "list") {
      const list = holder.get(step);
      if (list.size === 0 && step.message) list.add(reflect(step.message));
      holder = list.get(0) as ReflectMessage;
    } else if (step.fieldKind === "message") {
      if (!holder.isSet(step)) holder.set(step, reflect(step.message));
      holder = holder.get(step);
    } else {
      throw new Error(`say how ${step.toString()} is walked`);
    }
  }
  return holder;
}

/** A value of the field's kind that is a year, a month, a day and a number, by n. */
function valueOf(field: DescField, n: number): unknown {
  if (field.fieldKind === "enum" || (field.fieldKind === "list" && field.listKind === "enum")) return n;
  switch (field.scalar) {
    case ScalarType.STRING:
      return "7".repeat(3 * n);
    case ScalarType.BOOL:
      return true;
    case ScalarType.INT32:
    case ScalarType.UINT32:
      return n;
    default:
      throw new Error(`say what stands for ${field.toString()}`);
  }
}

function put(person: PersonMessage, steps: readonly DescField[], n: number): void {
  const field = steps.at(-1) as DescField;
  const holder = holderOf(person, steps);
  if (field.fieldKind === "list") {
    const list = holder.get(field);
    list.clear();
    list.add(valueOf(field, n));
  } else {
    holder.set(field, valueOf(field, n));
  }
}

function get(person: PersonMessage, steps: readonly DescField[]): unknown {
  const field = steps.at(-1) as DescField;
  const value: unknown = holderOf(person, steps).get(field);
  return field.fieldKind === "list" ? [...(value as Iterable<unknown>)] : value;
}

it.each(fields)("carries %s", (path, steps) => {
  for (const [name, way] of Object.entries(ways)) {
    for (const n of [1, 2]) {
      const person = create(PersonSchema);
      for (const [, each] of fields) put(person, each, 1);
      put(person, steps, n);
      const event = create(PersonEventSchema, { sequence: 7n, payload: { case: "person", value: person } });
      const carried = get(way(readEvent("e", event) as PersonRow), steps);
      if (`${name} ${path}` in exceptions) expect(carried, `${name} carries it: no exception`).not.toEqual(get(person, steps));
      else expect(carried, `by ${name}`).toEqual(get(person, steps));
    }
  }
});
