/**
 * The errors of the API (application/problem+json) as exceptions.
 *
 * `detail` is written by the server for the person and may be shown as it stands. Knows nothing about pages.
 */

export interface FieldError {
  field: string;
  message: string;
}

interface ProblemBody {
  code?: string;
  title?: string;
  detail?: string;
  errors?: FieldError[];
  [extra: string]: unknown;
}

export class Problem extends Error {
  constructor(
    /** HTTP status; 0 when no answer came at all. */
    readonly status: number = 0,
    /** The stable code of the server, or "" when there was none. */
    readonly code: string = "",
    readonly detail: string = "",
    /** Seconds the server asked to wait, 0 when it did not ask. */
    readonly retryAfter: number = 0,
    /** All that the server sent, such as `assignee` or `request_id`. */
    readonly extra: ProblemBody = {},
  ) {
    super(detail);
  }

  /** True when the same request may well succeed later: no connection, too many, or a fault of the server. */
  get passing(): boolean {
    return !this.status || this.status === 429 || this.status >= 500;
  }

  /** The sentence for the person: about the first field where there is one; "" when the server sent none. */
  get sentence(): string {
    return this.extra.errors?.[0]?.message ?? this.detail;
  }
}

/** Makes a Problem of a response that is not ok; never rejects, whatever the body is. */
export async function problemOf(response: Response): Promise<Problem> {
  const body = ((await response.json().catch(() => null)) ?? {}) as ProblemBody;
  return new Problem(response.status, body.code, body.detail ?? body.title, Number(response.headers.get("Retry-After")), body);
}
