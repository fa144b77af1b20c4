/** The one cache of server state and its rules: what is retried, for how long it counts as fresh. */
import { QueryClient } from "@tanstack/react-query";
import { Problem } from "../../shared/problem";
import { signedOut } from "./http";
import { keys } from "./keys";

/** Twice more for what may pass by itself; never for a refusal or "too many". */
export function worthRetrying(failures: number, error: unknown): boolean {
  return failures < 2 && error instanceof Problem && error.passing && error.status !== 429;
}

export function makeClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      // Live events keep the cache true; the times only matter where none arrive.
      queries: { networkMode: "always", retry: worthRetrying, staleTime: 15_000, gcTime: 10 * 60_000 },
      mutations: { networkMode: "always" },
    },
  });
  signedOut.addEventListener("signed-out", () => client.setQueryData(keys.me, null));
  return client;
}
