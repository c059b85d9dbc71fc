import { timestampMs } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { keepPreviousData, QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { type GetStatusResponse, StatusService } from "../gen/contact/v1/status_pb";
import { Source } from "../gen/contact/v1/watch_pb";
import { formatBytes, formatCount, formatRate } from "../texts/numbers";
import type { Texts } from "../texts/en";
import { useTexts } from "../texts/texts";
import { Chart } from "./chart";

const client = createClient(
  StatusService,
  createConnectTransport({ baseUrl: location.origin, useBinaryFormat: true, defaultTimeoutMs: 5_000 }),
);
const queries = new QueryClient();

/** How the server and its stream are, once a second. */
export default function Figures() {
  return (
    <QueryClientProvider client={queries}>
      <Live />
    </QueryClientProvider>
  );
}

function Live() {
  const texts = useTexts();
  const { data, isError } = useQuery({
    queryKey: ["status"],
    queryFn: ({ signal }) => client.getStatus({}, { signal }),
    refetchInterval: 1000,
    retry: false,
    placeholderData: keepPreviousData,
    structuralSharing: false,
  });
  return (
    <div className="figures" id="list" role="region" aria-label={texts.status.heading} tabIndex={0}>
      <h2>{texts.status.heading}</h2>
      {isError && (
        <p className="notice" role="status">
          {texts.status.unreachable}
        </p>
      )}
      {data === undefined ? <div className="skeleton" /> : <Status status={data} />}
    </div>
  );
}

function Status({ status }: { status: GetStatusResponse }) {
  const texts = useTexts();
  const { eventsPerSecond: counts } = status;
  const lately = counts.slice(-5);
  const rate = lately.reduce((sum, count) => sum + count, 0) / Math.max(1, lately.length);
  return (
    <>
      <section className="rate-now">
        <p className="big numbers">{formatRate(rate)}</p>
        <p className="faint">{texts.status.rate}</p>
        <Chart counts={counts} />
      </section>
      <dl className="tiles">
        {facts(texts, status).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="numbers">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function facts(texts: Texts, status: GetStatusResponse): [string, string][] {
  const { stream, position } = status;
  const words = texts.status;
  const read = Number(position?.sequence ?? 0n);
  const list: [string, string][] = [
    [words.source, status.source === Source.CONNECTED ? words.connected : words.disconnected],
    [words.watches, formatCount(status.watches)],
    [words.ring, formatBytes(Number(status.ringBytes))],
  ];
  if (stream === undefined) return list;
  const last = Math.max(Number(stream.last), read);
  const bounded = (n: bigint, most: bigint, format: (n: number) => string) =>
    most > 0n ? words.of(format(Number(n)), format(Number(most))) : format(Number(n));
  const age = status.now === undefined || stream.askedAt === undefined ? 0 : timestampMs(status.now) - timestampMs(stream.askedAt);
  list.push(
    [words.stream, stream.name + (age > 5_000 ? ` (${words.ago(formatCount(Math.round(age / 1000)))})` : "")],
    [words.head, `#${formatCount(last)}`],
    [words.lag, formatCount(last - read)],
    [words.messages, bounded(stream.messages, stream.maxMessages, formatCount)],
    [words.bytes, bounded(stream.bytes, stream.maxBytes, formatBytes)],
    [words.storage, stream.inMemory ? words.memory : words.files],
    [words.replicas, words.replicasOf(formatCount(stream.replicasCurrent), formatCount(stream.replicas))],
  );
  return list;
}
