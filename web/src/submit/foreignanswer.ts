/** An answer that is not the server's: something in between gave it, such as a proxy. */
export class ForeignAnswer extends Error {
  /** HTTP's; 0 where it leads elsewhere. */
  readonly status: number;
  /** How soon to ask again, in milliseconds; 0 when it does not say. */
  readonly delay: number;

  constructor({ status, headers }: Response) {
    super(`HTTP ${status}`);
    this.status = status;
    this.delay = 1000 * (Number(headers.get("Retry-After")) || 0);
  }
}

/** Fetches, and throws a ForeignAnswer where Connect would take it for one of the server's errors. */
export async function fetchOwn(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: "manual" });
  if (!(await isOwn(response))) throw new ForeignAnswer(response);
  return response;
}

/** Messages are protobuf, and errors are JSON with a code that is a word. */
async function isOwn(response: Response): Promise<boolean> {
  if (response.ok) return response.headers.get("Content-Type") === "application/proto";
  try {
    const error = (await response.clone().json()) as { code?: unknown } | null;
    return typeof error?.code === "string";
  } catch {
    return false;
  }
}
