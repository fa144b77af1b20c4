/**
 * Keyboard shortcuts: single keys (off while typing, and switchable: WCAG 2.1.4), "g i" sequences and mod+k.
 * Knows nothing about what a shortcut does.
 */
import { useEffect, useRef, useSyncExternalStore } from "react";

const KEPT = "tandem.single-keys";
const listeners = new Set<() => void>();
const enabled = (): boolean => {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
};

export function setSingleKeys(on: boolean): void {
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    return;
  }
  for (const tell of listeners) tell();
}

export function useSingleKeys(): boolean {
  return useSyncExternalStore((tell) => {
    listeners.add(tell);
    return () => listeners.delete(tell);
  }, enabled);
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

let held = false;

/** Stops single keys at once, before an overlay has loaded and taken the focus. */
export function holdShortcuts(hold: boolean): void {
  held = hold;
}

/** Shortcuts wait while a dialog or menu has the keyboard. */
const covered = (): boolean => held || document.querySelector('[role="dialog"]') !== null;

/** Two keys of a sequence must follow within this time. */
const SEQUENCE_MS = 1_200;

export const mac = /Mac|iPhone|iPad/.test(navigator.platform);
export const modKey = mac ? "⌘" : "Ctrl";

/** Listens for `keys` such as "j", "?", "g i", "mod+k". A handler may return false to let the key pass. */
export function useShortcuts(handlers: Record<string, (() => void | boolean) | undefined>): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    let first = "";
    let at = 0;
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const run = (name: string): boolean => {
        const handler = latest.current[name];
        if (!handler || handler() === false) return false;
        event.preventDefault();
        return true;
      };
      if (event.metaKey || event.ctrlKey) {
        if (!event.altKey && !event.shiftKey) run(`mod+${event.key.toLowerCase()}`);
        return;
      }
      if (event.altKey || typing(event.target) || covered() || !enabled()) return;
      const now = Date.now();
      const sequence = `${first} ${event.key}`;
      const inTime = first !== "" && now - at < SEQUENCE_MS;
      first = event.key;
      at = now;
      if (inTime && run(sequence)) first = "";
      else run(event.key);
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}
