/** The list's filters, kept in the address: a link to a list shows the same list. */
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { useSearchParams } from "wouter";
import type { DocumentFilter, DocumentKind, DocumentStatus } from "../api/knowledge-shapes";
import { type Quick, quick, quickNames } from "./documents";

const SEARCH_PAUSE_MS = 250;

const statuses: readonly DocumentStatus[] = ["processing", "ready", "error", "draft", "review"];
const kinds: readonly DocumentKind[] = ["article", "resolution"];
const names = ["q", "status", "source", "kind", "owner", "stale"] as const;

/** What an address asks for; what it cannot mean is left out. */
export function filterOf(search: URLSearchParams): DocumentFilter {
  return {
    q: search.get("q") ?? "",
    status: statuses.find((one) => one === search.get("status")) ?? null,
    source: search.get("source"),
    kind: kinds.find((one) => one === search.get("kind")) ?? null,
    owner: search.get("owner"),
    stale: search.get("stale") === "true" ? true : null,
  };
}

/** The short way that a filter is, apart from words, source and kind; null when it is none of them. */
export function quickOf(filter: DocumentFilter): Quick | null {
  const bare = { status: filter.status, owner: filter.owner, stale: filter.stale };
  const meant = (name: Quick) => ({ status: null, owner: null, stale: null, ...quick[name] });
  return quickNames.find((name) => JSON.stringify(meant(name)) === JSON.stringify(bare)) ?? null;
}

export function useFilters() {
  const [search, setSearch] = useSearchParams();
  const filter = filterOf(search);
  const [text, setText] = useState(filter.q);
  const [settled] = useDebouncedValue(text, SEARCH_PAUSE_MS);
  const set = (change: Partial<Record<(typeof names)[number], string | boolean | null>>): void =>
    setSearch(
      (was) => {
        const next = new URLSearchParams(was);
        for (const [name, value] of Object.entries(change)) {
          if (value === null || value === "" || value === undefined) next.delete(name);
          else next.set(name, String(value));
        }
        return next;
      },
      { replace: true },
    );
  useEffect(() => {
    setSearch(
      (was) => {
        const next = new URLSearchParams(was);
        if (settled.trim()) next.set("q", settled.trim());
        else next.delete("q");
        return next;
      },
      { replace: true },
    );
  }, [setSearch, settled]);
  return {
    filter,
    text,
    setText,
    set,
    choose: (name: Quick): void => set({ status: null, owner: null, stale: null, ...quick[name] }),
    clear: (): void => {
      setText("");
      set(Object.fromEntries(names.map((name) => [name, null])));
    },
    filtered: names.some((name) => filter[name] !== null && filter[name] !== ""),
  };
}
