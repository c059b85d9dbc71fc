// Submits and watches through one transport of connect-node or connect-web:
//
//   node client.mjs LIBRARY PROTOCOL HTTP-VERSION CODEC URL
import { fromJson, toJson } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import * as node from "@connectrpc/connect-node";
import * as web from "@connectrpc/connect-web";
import { ViolationsSchema } from "./gen/buf/validate/validate_pb.js";
import { SubmitPersonRequestSchema, SubmitPersonResponseSchema, SubmitService } from "./gen/contact/v1/submit_pb.js";
import { WatchPersonsRequestSchema, WatchPersonsResponseSchema, WatchService } from "./gen/contact/v1/watch_pb.js";
import { answerLines } from "./lines.mjs";

const [library, protocol, httpVersion, codec, baseUrl] = process.argv.slice(2);
const factories = { connect: "createConnectTransport", grpc: "createGrpcTransport", "grpc-web": "createGrpcWebTransport" };
const transport = { "connect-node": node, "connect-web": web }[library][factories[protocol]]({
  baseUrl,
  httpVersion,
  useBinaryFormat: codec === "proto",
});

async function submit(request) {
  try {
    const response = await createClient(SubmitService, transport).submitPerson(fromJson(SubmitPersonRequestSchema, request));
    return { response: toJson(SubmitPersonResponseSchema, response) };
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const violations = error.findDetails(ViolationsSchema).flatMap((found) => toJson(ViolationsSchema, found).violations);
    return { error: { code: codeName(error.code), violations: { violations } } };
  }
}

const codeName = (code) => Code[code].replace(/(?<!^)[A-Z]/g, "_$&").toLowerCase();

async function watch(request) {
  const responses = [];
  for await (const response of createClient(WatchService, transport).watchPersons(fromJson(WatchPersonsRequestSchema, request))) {
    responses.push(toJson(WatchPersonsResponseSchema, response));
    if (response.events.length > 0) break; // which ends the call
  }
  return { responses };
}

await answerLines((job) => (job.submit ? submit(job.submit) : watch(job.watch)));
