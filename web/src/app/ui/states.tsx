/** What a list or page shows when it has nothing to show: loading, empty, refused, failed, offline. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Problem } from "../../shared/problem";
import { words } from "../words";
import { Icon, type IconName } from "./Icon";
import { Spoken } from "./small";
import css from "./ui.module.css";

export function Empty({ icon, title, text, tall, children }: { icon: IconName; title: string; text?: string; tall?: boolean; children?: ReactNode }) {
  return (
    <div className={css.state} data-tall={tall ? "" : undefined}>
      <span className={css.badge}>
        <Icon name={icon} size={20} />
      </span>
      <h2>{title}</h2>
      {text && <p>{text}</p>}
      {children && <div className={css.stateActions}>{children}</div>}
    </div>
  );
}

/** One sentence for any failure: the server's own where it wrote one. */
export function explain(error: unknown): string {
  if (!(error instanceof Problem)) return words.errors.server;
  if (error.status === 0) return words.errors.offline;
  if (error.status === 429) return words.errors.tooMany(error.retryAfter || null);
  if (error.detail) return error.detail;
  if (error.status === 403) return words.errors.forbidden;
  if (error.status === 404) return words.errors.notFound;
  return words.errors.server;
}

function titleOf(error: unknown): string {
  if (error instanceof Problem && error.status === 403) return words.errors.forbiddenTitle;
  if (error instanceof Problem && error.status === 404) return words.errors.notFoundTitle;
  return words.errors.title;
}

export function Failed({ error, retry, children }: { error: unknown; retry?: () => void; children?: ReactNode }) {
  const reference = error instanceof Problem && typeof error.extra.request_id === "string" ? error.extra.request_id : null;
  const final = error instanceof Problem && (error.status === 403 || error.status === 404);
  return (
    <div className={css.state} role="alert">
      <span className={css.badge} data-tone="red">
        <Icon name={final ? "shield" : "alert"} size={20} />
      </span>
      <h2>{titleOf(error)}</h2>
      <p>{explain(error)}</p>
      {reference && <p className={css.reference}>{words.errors.reference(reference)}</p>}
      <div className={css.stateActions}>
        {children}
        {retry && !final && (
          <Button variant="default" size="xs" onClick={retry}>
            {words.retry}
          </Button>
        )}
      </div>
    </div>
  );
}

export function Loading({ lines = 6 }: { lines?: number }) {
  return (
    <div className={css.skeleton} role="status">
      <Spoken>{words.loading}</Spoken>
      {Array.from({ length: lines }, (_, at) => (
        <span key={at} className={css.bone} aria-hidden="true" />
      ))}
    </div>
  );
}
