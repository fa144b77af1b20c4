/** The smallest parts pages are made of: tag, avatar, key, dot, text for screen readers only. */
import type { ReactNode } from "react";
import type { PresenceState } from "../api/types";
import { initials } from "../format";
import { Icon, type IconName } from "./Icon";
import css from "./ui.module.css";

export type Tone = "plain" | "accent" | "red" | "amber" | "green" | "blue";

export function Tag({ tone = "plain", icon, children, title }: { tone?: Tone; icon?: IconName; children: ReactNode; title?: string }) {
  return (
    <span className={css.tag} data-tone={tone} title={title}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}

export function Avatar({ name, icon, tone }: { name?: string; icon?: IconName; tone?: "accent" | "solid" }) {
  return (
    <span className={css.avatar} data-tone={tone} aria-hidden="true">
      {icon ? <Icon name={icon} size={14} /> : initials(name ?? "")}
    </span>
  );
}

export function Key({ children, onButton }: { children: string; onButton?: boolean }) {
  return (
    <kbd className={onButton ? `${css.kbd} ${css.onButton}` : css.kbd} aria-hidden={onButton}>
      {children}
    </kbd>
  );
}

export function Dot({ state }: { state: PresenceState }) {
  return <span className={css.dot} data-state={state} aria-hidden="true" />;
}

/** Said by screen readers, not shown. */
export function Spoken({ children }: { children: ReactNode }) {
  return <span className={css.offscreen}>{children}</span>;
}
