// The real binary with its embedded stream, on a port and in a folder of its own.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, connect as connectSocket, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const binary = fileURLToPath(new URL("../../.cache/bin/rollcall", import.meta.url));

export interface PersonInput {
  name: string;
  email: string;
  phones?: { number: string; type?: string }[];
  birthdate?: { year: number; month: number; day: number };
}

export class Server {
  readonly #dir = mkdtempSync(join(tmpdir(), "rollcall-web-"));
  readonly #port: number;
  readonly #natsPort: number;
  readonly #flags: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(port: number, natsPort: number, flags: readonly string[]) {
    this.#port = port;
    this.#natsPort = natsPort;
    this.#flags = flags;
  }

  static async start(...flags: string[]): Promise<Server> {
    const server = new Server(await freePort(), await freePort(), flags);
    await server.run();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async run(): Promise<void> {
    this.#process = spawn(
      binary,
      ["serve", "--listen", `127.0.0.1:${this.#port}`, "--nats-listen", `127.0.0.1:${this.#natsPort}`, "--data", this.#dir, ...this.#flags],
      { stdio: "ignore" },
    );
    await eventually(async () => (await fetch(`${this.url}/readyz`)).ok);
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    const running = this.#process;
    if (running === undefined) return;
    this.#process = undefined;
    running.kill("SIGKILL");
    await once(running, "exit");
  }

  /** Stands still, as what is behind a network that is gone. */
  stand(): void {
    this.#process?.kill("SIGSTOP");
  }

  goOn(): void {
    this.#process?.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async call<T>(method: string, request: unknown): Promise<T> {
    const response = await fetch(`${this.url}/contact.v1.${method}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
    });
    if (!response.ok) throw new Error(`${method}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** The first person of the stream, as a watch has it. */
  async first(): Promise<PersonInput> {
    const response = await fetch(`${this.url}/events?all`, { headers: { Accept: "application/x-ndjson" } });
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += new TextDecoder().decode(chunk as Uint8Array);
      for (const line of text.split("\n").slice(0, -1)) {
        const { person } = JSON.parse(line) as { person?: PersonInput };
        if (person !== undefined) return person; // which ends the watch
      }
    }
    throw new Error("the stream has no person");
  }

  async submit(...persons: PersonInput[]): Promise<void> {
    const { results } = await this.call<{ results: { stored?: object }[] }>("SubmitService/SubmitPersons", {
      submissions: persons.map((person) => ({ person })),
    });
    for (const result of results) if (result.stored === undefined) throw new Error(JSON.stringify(result));
  }

  /** Submits a file of persons, as `rollcall submit` does. */
  async import(file: string, format: "csv" | "vcard" | "ndjson"): Promise<void> {
    await promisify(execFile)(binary, ["submit", "--server", this.url, "--format", format, file]);
  }

  /** Publishes to NATS, as others may. */
  async publish(subject: string, payload: string): Promise<void> {
    const socket = connectSocket(this.#natsPort, "127.0.0.1");
    socket.write(`CONNECT {"verbose":false}\r\nPUB ${subject} reply ${Buffer.byteLength(payload)}\r\n${payload}\r\nPING\r\n`);
    for await (const chunk of socket) if (String(chunk).includes("PONG")) break;
    socket.destroy();
  }

  /** Deletes messages from the stream, and starts again: what a server has read it still has. */
  async erase(...sequences: number[]): Promise<void> {
    const before = await this.#messages();
    for (const seq of sequences) await this.publish("$JS.API.STREAM.MSG.DELETE.stream", JSON.stringify({ seq }));
    await eventually(async () => (await this.#messages()) === before - sequences.length);
    await this.kill();
    await this.run();
  }

  /** How many messages the stream had when the server last asked, once that was not before now. */
  async #messages(): Promise<number> {
    const now = Date.now();
    for (;;) {
      const { stream } = await this.call<{ stream?: { askedAt: string; messages?: string } }>("StatusService/GetStatus", {});
      if (stream !== undefined && Date.parse(stream.askedAt) >= now) return Number(stream.messages ?? 0);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export function person(n: number): PersonInput {
  return { name: `Person ${n}`, email: `person${n}@example.org`, phones: [{ number: `+49 30 ${1000 + n}`, type: "PHONE_TYPE_WORK" }] };
}

export function persons(from: number, to: number): PersonInput[] {
  return Array.from({ length: to - from + 1 }, (_, i) => person(from + i));
}

export async function eventually(test: () => Promise<boolean> | boolean, patience = 20_000): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    let last: unknown;
    try {
      if (await test()) return;
    } catch (err) {
      last = err;
    }
    if (Date.now() > end) throw new Error(`did not come true within ${patience} ms`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
