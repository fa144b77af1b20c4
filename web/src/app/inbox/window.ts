/** Which rows of a long list are worth having in the page: those in view and a few around them. */
import { type RefObject, useEffect, useState } from "react";

export interface Slice {
  from: number;
  to: number;
}

/** Rows [from, to) to draw, for a scroll position in px. `spare` rows more on each side. */
export function slice(top: number, height: number, row: number, total: number, spare = 8): Slice {
  const from = Math.max(0, Math.floor(top / row) - spare);
  const to = Math.min(total, Math.ceil((top + height) / row) + spare);
  return { from: Math.min(from, Math.max(0, total - 1)), to };
}

/** Follows an element's scrolling and size. Row height is given in rem, so that it grows with the reader's text. */
export function useWindow(box: RefObject<HTMLElement | null>, rowRem: number, total: number): Slice & { row: number } {
  const row = rowRem * parseFloat(getComputedStyle(document.documentElement).fontSize);
  const [view, setView] = useState<Slice>({ from: 0, to: 30 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = (): void =>
      setView((was) => {
        const now = slice(element.scrollTop, element.clientHeight, row, total);
        return now.from === was.from && now.to === was.to ? was : now;
      });
    measure();
    element.addEventListener("scroll", measure, { passive: true });
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    return () => {
      element.removeEventListener("scroll", measure);
      resized.disconnect();
    };
  }, [box, row, total]);
  return { ...view, row };
}
