/**
 * The widget's door to the server: sessions and requests, nothing about conversations.
 *
 * The token travels in the Authorization header only. A token that the server no longer knows is replaced
 * once, silently; everything that fails is a `Problem`.
 */

import { Problem, problemOf } from "../shared/problem";
import { subjectOf } from "./identity";
import * as keep from "./keep";
import { identity, key, origin } from "./settings";
import type { Session } from "./shapes";

/** Of `sub`, the customer the session was opened for; null when anonymous. */
interface KeptSession extends Session {
  sub: string | null;
}

export interface Call {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

const sub = subjectOf(identity);
let opening: Promise<KeptSession> | null = null;

/** The session on this device, if it has not run out. */
export function kept(): KeptSession | null {
  const found = keep.get<KeptSession>("session");
  return found && Date.parse(found.expires_at) > Date.now() ? found : null;
}

/** Another customer than last time on this device must find nothing of the one before. */
export function forgetOthers(): void {
  const found = keep.get<KeptSession>("session");
  if (found && found.sub !== sub) for (const name of ["session", "conversation", "outbox", "person"]) keep.set(name, null);
}

/** The session, opened when there is none. */
export function session(): Promise<KeptSession> {
  const found = kept();
  if (found) return Promise.resolve(found);
  opening ??= begin(identity)
    .catch((problem: Problem) => {
      // An identity that has run out must not stand between the customer and an answer.
      if (problem.code === "identity_invalid") return begin();
      throw problem;
    })
    .finally(() => (opening = null));
  return opening;
}

async function begin(proof?: string): Promise<KeptSession> {
  const response = await send("/v1/widget/session", { body: { widget_key: key, identity: proof } });
  const found = { ...((await response.json()) as Session), sub: proof ? sub : null };
  keep.set("session", found);
  return found;
}

/** A request as this customer, POST when there is a body. Rejects with a Problem unless it went well. */
export async function request(path: string, call: Call = {}): Promise<Response> {
  const { token } = await session();
  return send(path, call, token).catch(async (problem: Problem) => {
    if (problem.status !== 401) throw problem;
    if (kept()?.token === token) keep.set("session", null);
    return send(path, call, (await session()).token);
  });
}

/** A request whose answer is JSON, or nothing. */
export async function json<T>(path: string, body?: unknown): Promise<T> {
  const response = await request(path, { body });
  return (response.status === 204 ? null : await response.json()) as T;
}

async function send(path: string, { body, headers, signal }: Call, token?: string): Promise<Response> {
  const response = await fetch(origin + path, {
    method: body ? "POST" : "GET",
    body: JSON.stringify(body),
    credentials: "omit",
    signal,
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }), ...headers },
  }).catch(() => {
    throw new Problem();
  });
  if (!response.ok) throw await problemOf(response);
  return response;
}
