// The W3C's WebDriver, as much of it as the tests use. Drivers speak it over HTTP;
// Firefox speaks the same commands itself, over a socket of its own: Marionette.

import { connect, type Socket } from "node:net";

/** Commands by their name in Marionette, and where HTTP has them. */
const commands = {
  NewSession: ["POST", ""],
  DeleteSession: ["DELETE", ""],
  Navigate: ["POST", "/url"],
  Refresh: ["POST", "/refresh"],
  ExecuteScript: ["POST", "/execute/sync"],
  ElementClick: ["POST", "/element/{id}/click"],
  ElementSendKeys: ["POST", "/element/{id}/value"],
  PerformActions: ["POST", "/actions"],
} as const;

export type Command = keyof typeof commands;

export interface WebDriver {
  send(command: Command, parameters?: Record<string, unknown>): Promise<unknown>;
  end(): void;
}

/** How WebDriver writes a reference to an element. */
export const elementKey = "element-6066-11e4-a52e-4f735466cecf";

export class HTTPDriver implements WebDriver {
  readonly #url: string;
  #session = "/session";

  constructor(url: string) {
    this.#url = url;
  }

  async send(command: Command, parameters: Record<string, unknown> = {}): Promise<unknown> {
    const [method, path] = commands[command];
    const url = this.#url + this.#session + path.replace("{id}", String(parameters["id"]));
    const response = await fetch(url, { method, ...(method === "POST" && { body: JSON.stringify(parameters) }) });
    const { value } = (await response.json()) as { value: unknown };
    if (!response.ok) throw new Error(`${command}: ${JSON.stringify(value)}`);
    if (command === "NewSession") this.#session += `/${(value as { sessionId: string }).sessionId}`;
    return value;
  }

  end(): void {}
}

/** Each message is its length, a colon, and JSON: [0, id, command, parameters] or [1, id, error, result]. */
export class Marionette implements WebDriver {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (error: unknown, result: unknown) => void>();
  #received = Buffer.alloc(0);
  #sent = 0;

  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.on("data", (data: Buffer) => this.#take(data));
    this.#socket.on("close", () => {
      for (const answer of this.#waiting.values()) answer("the connection was closed", undefined);
    });
    this.#socket.on("error", () => undefined); // close follows
  }

  async send(command: Command, parameters: Record<string, unknown> = {}): Promise<unknown> {
    const id = ++this.#sent;
    const message = JSON.stringify([0, id, `WebDriver:${command}`, parameters]);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (error, result) => {
        if (error !== null) reject(new Error(`${command}: ${JSON.stringify(error)}`));
        else resolve(result !== null && typeof result === "object" && "value" in result ? result.value : result);
      });
      this.#socket.write(`${Buffer.byteLength(message)}:${message}`);
    });
  }

  #take(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    for (;;) {
      const colon = this.#received.indexOf(":");
      const end = colon + 1 + Number(this.#received.subarray(0, colon));
      if (colon < 0 || this.#received.length < end) return;
      const message = JSON.parse(this.#received.subarray(colon + 1, end).toString()) as unknown;
      this.#received = this.#received.subarray(end);
      if (!Array.isArray(message)) continue; // it introduces itself
      this.#waiting.get(message[1] as number)?.(message[2], message[3]);
      this.#waiting.delete(message[1] as number);
    }
  }

  end(): void {
    this.#socket.destroy();
  }
}
