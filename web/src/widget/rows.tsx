/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
/** The customer's own conversations, newest first, and the one preference there is. */

import * as chat from "./chat";
import { h } from "./draw";
import { lang, words } from "./settings";

export function Rows() {
  return (
    <div class="rows">
      <button type="button" class="main" onClick={() => chat.show(null)}>
        {words.newConversation}
      </button>
      <h3>{words.conversations}</h3>
      {!chat.rows?.length && <p class="line">{chat.rows ? words.noConversations : chat.lost ? words.lost : words.loading}</p>}
      {chat.rows?.map(({ id, preview, updated_at, status }) => (
        <button type="button" class="entry" key={id} aria-current={id === chat.current} onClick={() => chat.show(id)}>
          <span dir="auto">{preview || "…"}</span>
          <small>
            {new Date(updated_at).toLocaleDateString(lang)}
            {status === "closed" && ` · ${words.ended}`}
          </small>
        </button>
      ))}
      <label class="check">
        <input type="checkbox" checked={chat.whole} onChange={(event) => chat.preferWhole(event.currentTarget.checked)} />
        {words.whole}
      </label>
    </div>
  );
}
