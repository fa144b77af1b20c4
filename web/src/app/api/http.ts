/**
 * Calls the API and turns every failure into one error type a person can read. Knows nothing about pages.
 * The session is a cookie; a state change is JSON from the same origin, so no token is handled here.
 */
import { Problem, problemOf } from "../../shared/problem";

/** Fires when a call finds that the session is over. */
export const signedOut = new EventTarget();

interface Options {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/**
 * One call. Throws Problem for anything but a 2xx; a 401 also fires `signedOut`, except on signing in.
 * Resolves to undefined for an empty answer.
 */
export async function call<T>(path: string, options: Options = {}): Promise<T> {
  const { method = "GET", body, signal, headers } = options;
  const init: RequestInit = { method, credentials: "same-origin", headers: { Accept: "application/json", ...headers } };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, "Content-Type": "application/json" };
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "offline", "");
  }
  if (!response.ok) {
    if (response.status === 401 && !path.startsWith("/v1/auth/")) signedOut.dispatchEvent(new Event("signed-out"));
    throw await problemOf(response);
  }
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** Builds a query string, leaving out what is empty; a list repeats its name. */
export function query(values: Record<string, string | number | string[] | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text ? `?${text}` : "";
}

function responseOf(request: XMLHttpRequest): Response {
  const wait = request.getResponseHeader("Retry-After");
  const headers: HeadersInit = wait ? { "Retry-After": wait } : {};
  return new Response(request.responseText, { status: request.status, headers });
}

/**
 * Sends a form with progress (0..1), which fetch cannot report. Same errors as `call`.
 */
export function upload<T>(path: string, form: FormData, onProgress: (share: number) => void, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(new Problem(0, "offline", ""));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as T);
      else problemOf(responseOf(request)).then(reject, reject);
    };
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

/** An id made here, so that sending twice counts once. Works on plain http too, where randomUUID is missing. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
