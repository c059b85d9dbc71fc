// The rules of the API, checked here as the server checks them: they are in the
// generated messages, and protovalidate reads them there.

import { pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator } from "@bufbuild/protovalidate";
import { ConnectError } from "@connectrpc/connect";
import { type FieldPath, type Violation, ViolationsSchema } from "../gen/buf/validate/validate_pb";
import { type SubmitPersonRequest, SubmitPersonRequestSchema } from "../gen/contact/v1/submit_pb";
import type { Texts } from "../texts/en";

export interface Mistake {
  /** The rule's id, such as "string.email". */
  readonly rule: string;
  /** What is wrong, in English. */
  readonly message: string;
}

/** What is wrong, by field: "person.email", "person.phones[1].number". */
export type Mistakes = ReadonlyMap<string, Mistake>;

/** What is wrong, in the page's words where it has some. */
export function words(texts: Texts, { rule, message }: Mistake): string {
  return texts.rules[rule] ?? message;
}

const validator = createValidator();

export function check(request: SubmitPersonRequest): Mistakes {
  const mistakes = new Map<string, Mistake>();
  const result = validator.validate(SubmitPersonRequestSchema, request);
  for (const violation of result.violations ?? []) {
    add(mistakes, pathToString(violation.field), { rule: violation.ruleId, message: violation.message });
  }
  return mistakes;
}

/** What the server found wrong; empty if it is about something else. */
export function mistakesOf(err: ConnectError): Mistakes {
  return mistakesIn(err.findDetails(ViolationsSchema).flatMap(({ violations }) => violations));
}

export function mistakesIn(violations: readonly Violation[]): Mistakes {
  const mistakes = new Map<string, Mistake>();
  for (const violation of violations) {
    const { field, ruleId, message } = violation;
    add(mistakes, field === undefined ? "" : pathOf(field), { rule: ruleId, message });
  }
  return mistakes;
}

function pathOf(path: FieldPath): string {
  return path.elements
    .map(({ fieldName, subscript }) => (subscript.case === "index" ? `${fieldName}[${subscript.value}]` : fieldName))
    .join(".");
}

/** The first is said: others are often its consequences. */
function add(mistakes: Map<string, Mistake>, path: string, mistake: Mistake): void {
  if (!mistakes.has(path)) mistakes.set(path, mistake);
}
