/** Short messages at the foot of the page, spoken politely, with at most one thing to do (such as undo). */
import { useSyncExternalStore } from "react";
import { words } from "../words";
import { Icon } from "./Icon";
import css from "./ui.module.css";

interface Toast {
  id: number;
  text: string;
  tone: "plain" | "red";
  action?: { label: string; run: () => void };
}

/** Long enough to read and reach; messages with something to do stay longer. */
const SHOWN_MS = 6_000;
const SHOWN_WITH_ACTION_MS = 12_000;

let shown: readonly Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

function put(toasts: readonly Toast[]): void {
  shown = toasts;
  for (const tell of listeners) tell();
}

const dismiss = (id: number): void => put(shown.filter((one) => one.id !== id));

export function toast(text: string, options: { tone?: "red"; action?: Toast["action"] } = {}): void {
  const id = next++;
  put([...shown.slice(-1), { id, text, tone: options.tone ?? "plain", action: options.action }]);
  setTimeout(() => dismiss(id), options.action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

export function Toasts() {
  const toasts = useSyncExternalStore(subscribe, () => shown);
  return (
    <div className={css.toasts} role="status">
      {toasts.map((one) => (
        <div key={one.id} className={css.toast} data-tone={one.tone}>
          <span>{one.text}</span>
          {one.action && (
            <button
              type="button"
              className={css.toastButton}
              onClick={() => {
                one.action?.run();
                dismiss(one.id);
              }}
            >
              {one.action.label}
            </button>
          )}
          <button type="button" className={css.toastButton} data-plain onClick={() => dismiss(one.id)} aria-label={words.close}>
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
