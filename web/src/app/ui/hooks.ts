/** Small hooks several pages share: the time, the focus on a new page, the window's title. */
import { type RefObject, useEffect, useRef, useState } from "react";
import { words } from "../words";

/** The time, renewed every `ms`, so that "3 min ago" stays true. */
export function useNow(ms = 15_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), ms);
    return () => clearInterval(timer);
  }, [ms]);
  return now;
}

let firstPage = true;

/** Moves the focus to the page's heading when the page changes; not on the very first one. */
export function useHeadingFocus<T extends HTMLElement>(page: string | null): RefObject<T | null> {
  const heading = useRef<T>(null);
  useEffect(() => {
    if (page === null) return;
    if (firstPage) firstPage = false;
    else heading.current?.focus({ preventScroll: true });
  }, [page]);
  return heading;
}

let waiting = 0;
let page = "";
const write = (): void => {
  document.title = [waiting > 0 ? `(${waiting})` : "", page].filter(Boolean).join(" ") + (page ? " · " : "") + words.product;
};

export function useTitle(title: string): void {
  useEffect(() => {
    page = title;
    write();
  }, [title]);
}

/** Puts the number of waiting customers before the window's title. */
export function useWaitingBadge(count: number): void {
  useEffect(() => {
    waiting = count;
    write();
  }, [count]);
}

/** A value kept in this browser. A browser without storage just forgets it. */
export function useKept<T>(key: string, initial: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    try {
      const kept = localStorage.getItem(key);
      return kept === null ? initial : (JSON.parse(kept) as T);
    } catch {
      return initial;
    }
  });
  const keep = (next: T): void => {
    setValue(next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // Storage is full or switched off: the choice lasts until the page is closed.
    }
  };
  return [value, keep];
}
