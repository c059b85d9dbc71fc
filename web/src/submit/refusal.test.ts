import { create, toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SubmissionErrorSchema, SubmitService } from "../gen/contact/v1/submit_pb";
import { de } from "../texts/de";
import { en } from "../texts/en";
import { fetchOwn } from "./foreignanswer";
import { refusalOf, refusalOfOne } from "./refusal";

const client = createClient(SubmitService, createConnectTransport({ baseUrl: "http://test", useBinaryFormat: true, defaultTimeoutMs: 50, fetch: fetchOwn }));

afterEach(() => vi.unstubAllGlobals());

/** What is made of an answer. */
async function refusalBy(answer: () => Response | Promise<Response>) {
  vi.stubGlobal("fetch", (_: string, { signal }: { signal: AbortSignal }) => Promise.race([answer(), untilAborted(signal)]));
  return client.submitPerson({}).then(
    () => expect.unreachable(),
    (err: unknown) => refusalOf(err),
  );
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
}

function field(number: number, value: Uint8Array): number[] {
  return [(number << 3) | 2, value.length, ...value];
}

/** As the server answers. */
function answered(status: number, code: string, reason = "", seconds?: number): Response {
  const info = Uint8Array.from([...field(2, new TextEncoder().encode("rollcall")), ...field(1, new TextEncoder().encode(reason))]);
  const delay = Uint8Array.from(field(1, toBinary(DurationSchema, create(DurationSchema, { seconds: BigInt(seconds ?? 0) }))));
  const details = [
    ...(reason === "" ? [] : [{ type: "google.rpc.ErrorInfo", value: base64Encode(info, "std_raw") }]),
    ...(seconds === undefined ? [] : [{ type: "google.rpc.RetryInfo", value: base64Encode(delay, "std_raw") }]),
  ];
  return Response.json({ code, message: "said the server", details }, { status });
}

describe("the server's refusals", () => {
  it.each([
    // code, reason, seconds → why, whether it may be sent again, whether it may be stored
    ["unavailable", "NATS_AWAY", 1, "away", "soon", true],
    ["unavailable", "NO_STREAM", 1, "noStream", "soon", true],
    ["unavailable", "STOPPING", 1, "stopping", "soon", true],
    ["unavailable", "STORAGE", 1, "storage", "later", true],
    ["unavailable", "JETSTREAM", 1, "unavailable", "soon", true],
    ["unavailable", "NEWER_THAN_THIS_PAGE", 1, "unavailable", "soon", true],
    ["unavailable", "", undefined, "unavailable", "soon", true],
    ["unavailable", "NATS_AWAY", 60, "away", "later", true],
    ["deadline_exceeded", "", 1, "noAnswer", "soon", true],
    ["canceled", "", undefined, "noAnswer", "soon", true],
    ["resource_exhausted", "OVERLOADED", 1, "busy", "soon", false],
    ["resource_exhausted", "RATE_LIMITED", 3, "tooMany", "soon", false],
    ["resource_exhausted", "SHARE", 3, "tooMany", "soon", false],
    ["resource_exhausted", "NEWER_THAN_THIS_PAGE", 3, "busy", "soon", false],
    ["resource_exhausted", "STREAM_FULL", undefined, "full", "never", false],
    ["resource_exhausted", "", undefined, "refused", "never", false],
    ["failed_precondition", "STREAM_SETTINGS", undefined, "settings", "never", false],
    ["failed_precondition", "", undefined, "refused", "never", false],
    ["invalid_argument", "TOO_LARGE", undefined, "tooLarge", "never", false],
    ["invalid_argument", "", undefined, "refused", "never", false],
    ["already_exists", "", undefined, "otherPerson", "never", false],
    ["unauthenticated", "EXPIRED", undefined, "signedOut", "never", false],
    ["permission_denied", "SCOPE", undefined, "forbidden", "never", false],
    ["unimplemented", "", undefined, "noService", "never", false],
    ["internal", "", undefined, "failed", "later", true],
    ["unknown", "", undefined, "failed", "later", true],
  ] as const)("%s %s", async (code, reason, seconds, why, retry, maybeStored) => {
    const expected = { why, retry, maybeStored, delay: 1000 * (seconds ?? 0) };
    expect(await refusalBy(() => answered(400, code, reason, seconds))).toMatchObject(expected);
    const one = create(SubmissionErrorSchema, {
      code, reason, message: "said the server", ...(seconds !== undefined && { retryDelay: { seconds: BigInt(seconds) } }),
    });
    expect(refusalOfOne(one)).toMatchObject(expected);
  });

  it("have the server's words where the page's say less", async () => {
    expect((await refusalBy(() => answered(400, "failed_precondition"))).message).toBe("said the server");
    expect((await refusalBy(() => answered(503, "resource_exhausted", "STREAM_FULL"))).message).toBe("");
  });
});

describe("what is not the server's", () => {
  it.each([
    ["a proxy without a server", () => new Response("<h1>502</h1>", { status: 502, headers: { "Content-Type": "text/html" } }), "proxy", "soon", true],
    ["another's JSON", () => Response.json({ message: "no upstream", code: 14 }, { status: 503 }), "proxy", "soon", true],
    ["a proxy's time-out", () => new Response("", { status: 504 }), "proxy", "soon", true],
    ["an error of a proxy's", () => new Response("", { status: 500 }), "proxy", "soon", true],
    ["a page in place of an answer", () => new Response("<h1>Welcome</h1>", { headers: { "Content-Type": "text/html" } }), "proxy", "soon", true],
    ["a proxy's bound on bodies", () => new Response("", { status: 413 }), "tooLarge", "never", false],
    ["a proxy's bound on requests", () => new Response("", { status: 429, headers: { "Retry-After": "2" } }), "busy", "soon", false],
    ["a proxy's refusal", () => new Response("", { status: 400 }), "refused", "never", false],
    ["no gateway", () => new Response("", { status: 404 }), "noService", "never", false],
    ["a login", () => new Response("", { status: 401 }), "signedOut", "never", false],
    ["a way to a login", () => Response.error(), "signedOut", "never", false],
    ["a locked door", () => new Response("", { status: 403 }), "forbidden", "never", false],
    ["no network", () => Promise.reject(new TypeError("Failed to fetch")), "noAnswer", "soon", true],
    ["an answer that breaks off", () => new Response(Uint8Array.of(0xff), { headers: { "Content-Type": "application/proto" } }), "noAnswer", "soon", true],
    ["no answer", () => new Promise<Response>(() => {}), "noAnswer", "soon", true],
  ] as const)("%s", async (_, answer, why, retry, maybeStored) => {
    expect(await refusalBy(answer)).toMatchObject({ why, retry, maybeStored });
  });

  it("says how soon to come again", async () => {
    const busy = await refusalBy(() => new Response("", { status: 429, headers: { "Retry-After": "2" } }));
    expect(busy.delay).toBe(2000);
    expect((await refusalBy(() => new Response("", { status: 503, headers: { "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT" } }))).delay).toBe(0);
  });
});

it("each reason has words of its own", () => {
  for (const { refusals } of [en, de]) {
    expect(new Set(Object.values(refusals)).size).toBe(Object.keys(refusals).length);
  }
});
