/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
/** Where the customer writes: Enter sends, Shift+Enter makes a new line; Stop while the assistant is writing. */

import * as chat from "./chat";
import { h } from "./draw";
import { Icon } from "./icons";
import { lang, words } from "./settings";
import { counted } from "./words";

/** The limit until the server has said its own. */
const MAX_CHARS = 4000;

let field: HTMLTextAreaElement | undefined;

/** After every drawing: the field is as high as its text. */
export function fitField(): void {
  if (!field) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

export function Composer() {
  const max = chat.config?.message_max_chars || MAX_CHARS;
  const left = max - [...chat.draft.trim()].length;
  const ready = left < max && left >= 0;
  const stop = !ready && !!chat.log?.thread.turns.length;
  const label = stop ? words.stop : words.send;
  // What is typed may be a "yes": a script of the host page must not be able to send it.
  const send = (event: Event): void => {
    event.preventDefault();
    if (ready && event.isTrusted) chat.send(chat.draft);
    field?.focus();
  };
  return (
    <div class="composer">
      <div class="field">
        <textarea
          class="draft"
          rows="1"
          dir="auto"
          aria-label={words.write}
          placeholder={words.write}
          aria-describedby="left"
          aria-invalid={left < 0}
          value={chat.draft}
          ref={(node) => {
            field = node;
            node.focus();
          }}
          onInput={(event) => chat.type(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && !event.shiftKey && !event.isComposing && send(event)}
        />
        <button
          type="button"
          class="round"
          aria-label={label}
          disabled={!ready && !stop}
          onClick={stop ? chat.stop : send}
        >
          {stop ? <i /> : <Icon of="send" />}
        </button>
      </div>
      <p id="left" class="bad">
        {left < 0 && counted(lang, words.tooLong, -left)}
      </p>
    </div>
  );
}
