/**
 * Reads server-sent events out of a `fetch` response.
 *
 * `EventSource` cannot send headers, and a token has no business in an address, so both programs read the
 * stream themselves. This file knows the wire format and nothing about what the events mean.
 */

export interface SentEvent {
  /** The event's id, or "" when it carries none (status, typing). */
  id: string;
  name: string;
  data: string;
}

/** Returns a function that takes text in any pieces and gives back the events completed by each piece. */
export function eventParser(): (piece: string) => SentEvent[] {
  let rest = "";
  let fields: Record<string, string | undefined> = {};

  return (piece) => {
    const done: SentEvent[] = [];
    // A carriage return at the very end may be half of a line end: it waits for the next piece.
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line) {
        const [, field = "", value = ""] = /^([^:]*):? ?(.*)/.exec(line) ?? [];
        fields[field] = field === "data" && fields.data !== undefined ? `${fields.data}\n${value}` : value;
      } else {
        const { id = "", event = "message", data } = fields;
        if (data !== undefined) done.push({ id, name: event, data });
        fields = {};
      }
    }
    return done;
  };
}

/**
 * Calls `take` for every event of the response until it ends. `heard` is called for every piece, comments
 * included, so that a caller can tell a quiet stream from a dead one. Rejects when the connection is cut.
 */
export async function readEvents(
  response: Response,
  take: (event: SentEvent) => void,
  heard?: () => void,
): Promise<void> {
  const parse = eventParser();
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  for (;;) {
    const piece = await reader?.read();
    if (!piece?.value) return;
    heard?.();
    parse(decoder.decode(piece.value, { stream: true })).forEach(take);
  }
}
