/** The one cache of server state and its rules: what is retried, for how long it counts as fresh. */
import { type InvalidateOptions, type InvalidateQueryFilters, type Query, QueryClient } from "@tanstack/react-query";
import { Problem } from "../../shared/problem";
import { signedOut } from "./http";
import { keys } from "./keys";

/** Twice more for what may pass by itself; never for a refusal or "too many". */
export function worthRetrying(failures: number, error: unknown): boolean {
  return failures < 2 && error instanceof Problem && error.passing && error.status !== 429;
}

/**
 * A cache in which "this has changed" counts for a first answer that is still on its way: it may have been true before the
 * change only, so the question is put once more after it. By itself the library would leave it on the page.
 */
class Cache extends QueryClient {
  readonly #first = new Set<Query>();

  override invalidateQueries(filters: InvalidateQueryFilters = {}, options: InvalidateOptions = {}): Promise<void> {
    for (const query of this.getQueryCache().findAll(filters as object))
      if (query.state.data === undefined && query.state.fetchStatus === "fetching") void this.#onceMore(query);
    return super.invalidateQueries(filters, options);
  }

  async #onceMore(query: Query): Promise<void> {
    if (this.#first.has(query)) return;
    this.#first.add(query);
    const answered = await query.fetch().then(
      () => true,
      () => false, // Nothing old stands on the page then, only why there is nothing.
    );
    this.#first.delete(query);
    if (answered) await super.invalidateQueries({ queryKey: query.queryKey, exact: true });
  }
}

export function makeClient(): QueryClient {
  const client = new Cache({
    defaultOptions: {
      // Live events keep the cache true; the times only matter where none arrive.
      queries: { networkMode: "always", retry: worthRetrying, staleTime: 15_000, gcTime: 10 * 60_000 },
      mutations: { networkMode: "always" },
    },
  });
  signedOut.addEventListener("signed-out", () => client.setQueryData(keys.me, null));
  return client;
}
