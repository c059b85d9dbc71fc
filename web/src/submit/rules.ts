// The rules of the API, checked here as the server checks them: they are in the
// generated messages, and protovalidate reads them there.

import { pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator } from "@bufbuild/protovalidate";
import { ConnectError } from "@connectrpc/connect";
import { type FieldPath, type Violation, ViolationsSchema } from "../gen/buf/validate/validate_pb";
import { type SubmitPersonRequest, SubmitPersonRequestSchema } from "../gen/contact/v1/submit_pb";

/** What is wrong, by field: "person.email", "person.phones[1].number". */
export type Mistakes = ReadonlyMap<string, string>;

const validator = createValidator();

export function check(request: SubmitPersonRequest): Mistakes {
  const mistakes = new Map<string, string>();
  const result = validator.validate(SubmitPersonRequestSchema, request);
  for (const violation of result.violations ?? []) {
    add(mistakes, pathToString(violation.field), violation.message);
  }
  return mistakes;
}

/** What the server found wrong; empty if it is about something else. */
export function mistakesOf(err: ConnectError): Mistakes {
  return mistakesIn(err.findDetails(ViolationsSchema).flatMap(({ violations }) => violations));
}

export function mistakesIn(violations: readonly Violation[]): Mistakes {
  const mistakes = new Map<string, string>();
  for (const violation of violations) {
    add(mistakes, violation.field === undefined ? "" : pathOf(violation.field), violation.message);
  }
  return mistakes;
}

function pathOf(path: FieldPath): string {
  return path.elements
    .map(({ fieldName, subscript }) => (subscript.case === "index" ? `${fieldName}[${subscript.value}]` : fieldName))
    .join(".");
}

/** The first is said: others are often its consequences. */
function add(mistakes: Map<string, string>, path: string, message: string): void {
  if (!mistakes.has(path)) mistakes.set(path, message);
}
