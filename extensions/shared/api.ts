// One call to /api/v1: with a fresh session token, within a time limit, and every failure a Problem.

const BASE = "/api/v1"; // Shopify takes it as relative to application_url
const PATIENCE_MS = 20_000;

/** What went wrong. `code` is for programs, the message for people, `fields` says which field it is about. */
export class Problem extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly fields: Record<string, string> = {},
  ) {
    super(message);
  }

  /** Whether the same call may work in a moment. */
  get passes(): boolean {
    return this.code === "later" || this.code === "network";
  }
}

interface Options {
  body?: unknown; // sent as JSON by POST; without one it is a GET
  key?: string; // the same key is the same wish, however often it is sent
}

/** What a call answers. Throws: Problem. */
export async function call<Answer>(path: string, options: Options = {}): Promise<Answer> {
  let answer = await send(path, options);
  if (answer.status === 401) answer = await send(path, options); // a token lives for a minute
  const content = await answer.json().catch(() => ({}));
  if (answer.ok) return content as Answer;
  throw new Problem(content.error ?? "", content.code ?? codeOf(answer.status), content.fields);
}

/** Of an answer that names none: too many at once, or a proxy before the app. */
function codeOf(status: number): string {
  return status === 429 || status >= 500 ? "later" : "refused";
}

async function send(path: string, { body, key }: Options): Promise<Response> {
  const token = await shopify.auth.idToken();
  const headers: Record<string, string> = { Accept: "application/json" };
  if (token) headers["Authorization"] = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  try {
    return await fetch(BASE + path, {
      method: body === undefined ? "GET" : "POST",
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new Problem("", "network");
  }
}

/** A key for one press of the button. */
export function newKey(): string {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}
