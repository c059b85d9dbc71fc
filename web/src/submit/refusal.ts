// Why something was not stored, or may not have been, and what can be done about it.

import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { DurationSchema, durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import type { SubmissionError } from "../gen/contact/v1/submit_pb";
import type { Texts } from "../texts/en";
import { ForeignAnswer } from "./foreignanswer";
import { type Mistakes, mistakesIn, mistakesOf } from "./rules";

export type Why = keyof Texts["refusals"];

/** Soon: by the page itself. Later: by whoever submits. Never: not until something else has changed. */
export type Retry = "soon" | "later" | "never";

export interface Refusal {
  readonly why: Why;
  readonly retry: Retry;
  /** How soon, in milliseconds; 0 when nobody said. */
  readonly delay: number;
  /** False only where it is sure that nothing was stored. */
  readonly maybeStored: boolean;
  /** It is about what was submitted: another person may well be stored. */
  readonly ofPerson: boolean;
  /** The server's own words where the page has none that say as much; else empty. */
  readonly message: string;
  readonly mistakes: Mistakes;
}

type Kind = Pick<Refusal, "retry" | "maybeStored"> & { readonly ofPerson?: true; readonly quoted?: true };

/** After UNAVAILABLE, whatever its reason, the API leaves open whether the person is stored. */
const kinds: Record<Why, Kind> = {
  noAnswer: { retry: "soon", maybeStored: true },
  stoppedHere: { retry: "later", maybeStored: true },
  pageLeft: { retry: "later", maybeStored: true },
  proxy: { retry: "soon", maybeStored: true, quoted: true },
  failed: { retry: "later", maybeStored: true, quoted: true },
  unavailable: { retry: "soon", maybeStored: true, quoted: true },
  away: { retry: "soon", maybeStored: true },
  noStream: { retry: "soon", maybeStored: true },
  stopping: { retry: "soon", maybeStored: true },
  busy: { retry: "soon", maybeStored: false },
  tooMany: { retry: "soon", maybeStored: false },
  storage: { retry: "later", maybeStored: true },
  full: { retry: "never", maybeStored: false },
  settings: { retry: "never", maybeStored: false, quoted: true },
  signedOut: { retry: "never", maybeStored: false },
  forbidden: { retry: "never", maybeStored: false },
  noService: { retry: "never", maybeStored: false },
  tooLarge: { retry: "never", maybeStored: false, ofPerson: true },
  otherPerson: { retry: "never", maybeStored: false, ofPerson: true, quoted: true },
  refused: { retry: "never", maybeStored: false, ofPerson: true, quoted: true },
};

/** A server that wants to be left alone for longer is not asked again by the page itself. */
const longestDelay = 10_000;

/** What an error of a call means. */
export function refusalOf(reason: unknown): Refusal {
  const err = ConnectError.from(reason);
  const { cause } = err;
  if (cause instanceof ForeignAnswer) return refusal(whyOfStatus(cause.status), cause.message, cause.delay);
  if (!err.isWireError) return refusal("noAnswer");
  const retry = detail(err, "google.rpc.RetryInfo");
  const why = whyOf(err.code, new TextDecoder().decode(detail(err, "google.rpc.ErrorInfo")), retry !== undefined);
  return refusal(why, err.rawMessage, retry && durationMs(fromBinary(DurationSchema, retry)), mistakesOf(err));
}

/** The same for one of many. */
export function refusalOfOne({ code, message, reason, retryDelay, violations }: SubmissionError): Refusal {
  const why = whyOf(codeFromString(code) ?? Code.Unknown, reason, retryDelay !== undefined);
  return refusal(why, message, retryDelay && durationMs(retryDelay), mistakesIn(violations));
}

export function refusal(why: Why, message = "", delay = 0, mistakes: Mistakes = new Map()): Refusal {
  const { retry, maybeStored, ofPerson, quoted } = kinds[why];
  return {
    why,
    retry: retry === "soon" && delay > longestDelay ? "later" : retry,
    delay,
    maybeStored,
    ofPerson: ofPerson === true,
    message: quoted === true ? message : "",
    mistakes,
  };
}

/** The server's reasons, as google.rpc.ErrorInfo has them. */
const reasons: Readonly<Record<string, Why>> = {
  NATS_AWAY: "away",
  NO_STREAM: "noStream",
  STOPPING: "stopping",
  OVERLOADED: "busy",
  RATE_LIMITED: "tooMany",
  SHARE: "tooMany",
  STORAGE: "storage",
  STREAM_FULL: "full",
  STREAM_SETTINGS: "settings",
  TOO_LARGE: "tooLarge",
};

function whyOf(code: Code, reason: string, mayBeRetried: boolean): Why {
  const known = reasons[reason];
  if (known !== undefined) return known;
  switch (code) {
    case Code.Unavailable:
      return "unavailable";
    case Code.DeadlineExceeded:
    case Code.Canceled:
      return "noAnswer";
    case Code.Unknown:
    case Code.Internal:
    case Code.DataLoss:
      return "failed";
    case Code.ResourceExhausted:
      return mayBeRetried ? "busy" : "refused";
    case Code.Unauthenticated:
      return "signedOut";
    case Code.PermissionDenied:
      return "forbidden";
    case Code.Unimplemented:
      return "noService";
    case Code.AlreadyExists:
      return "otherPerson";
    default:
      return "refused";
  }
}

/** What a status means that something in front of the server answered with, such as a proxy. */
function whyOfStatus(status: number): Why {
  switch (status) {
    case 0: // it leads elsewhere
    case 401:
    case 407:
      return "signedOut";
    case 403:
      return "forbidden";
    case 404:
    case 405:
    case 501:
      return "noService";
    case 413:
      return "tooLarge";
    case 429:
      return "busy";
    case 408:
    case 425:
      return "proxy";
    default:
      return status >= 400 && status < 500 ? "refused" : "proxy";
  }
}

/** The first field of a detail: the reason of an ErrorInfo, the delay of a RetryInfo. */
function detail(err: ConnectError, type: string): Uint8Array | undefined {
  for (const found of err.details) {
    if (!("type" in found) || found.type !== type) continue;
    const reader = new BinaryReader(found.value);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === 1 && wireType === WireType.LengthDelimited) return reader.bytes();
      reader.skip(wireType, field);
    }
  }
  return undefined;
}
