/** A box that scrolls sideways where a table is wider than the window, and that the keyboard reaches. */
import type { ReactNode } from "react";
import css from "./deciding.module.css";

export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it
    <div className={css.scroll} tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  );
}
