/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
/** The whole widget: launcher and panel. Draws the chat's state; decides only where the focus goes. */

import { PersonButton } from "./cards";
import * as chat from "./chat";
import { Composer } from "./composer";
import { Fragment, h } from "./draw";
import { Icon, IconButton } from "./icons";
import { later } from "./later";
import { LogView } from "./log";
import { Rows } from "./rows";
import { lang, page, words } from "./settings";
import { Source } from "./source";
import { counted, fill } from "./words";

let launcher: HTMLElement | undefined;

function close(): void {
  if (page) return;
  chat.close();
  launcher?.focus();
}

/** Above everything where the panel fills the screen, beside the page elsewhere. */
function appear(panel: HTMLDialogElement): void {
  if (!page && matchMedia("(max-width: 480px)").matches) panel.showModal();
  else panel.show();
  panel.querySelector<HTMLElement>(".draft")?.focus();
}

export function Widget() {
  const label = chat.shown ? words.close : words.open;
  return (
    <>
      {chat.shown && (
        <dialog
          class={page ? "page" : "panel"}
          aria-label={chat.config ? fill(words.chat, chat.config.tenant_name) : words.log}
          ref={appear}
          onCancel={(event) => {
            event.preventDefault();
            close();
          }}
          onKeyDown={(event) => {
            // Shortcuts of the host page are not meant here.
            event.stopPropagation();
            if (event.key === "Escape" && !chat.source) close();
          }}
        >
          <Header />
          <p class="banner" role="status">
            {chat.lost ? words.lost : later?.note(chat.mode())}
          </p>
          {chat.listed ? <Rows /> : [<LogView />, <Composer />]}
          <div class="hidden" role="status">
            {chat.said.map(({ key, text }) => (
              <p key={key}>{text}</p>
            ))}
          </div>
          {chat.source && <Source citation={chat.source} section={chat.section} />}
        </dialog>
      )}
      {!page && (
        <button
          type="button"
          class="launcher"
          aria-expanded={chat.shown}
          aria-label={chat.unread ? `${label}, ${counted(lang, words.unread, chat.unread)}` : label}
          ref={(node) => (launcher = node)}
          onClick={chat.shown ? close : chat.open}
        >
          <Icon of={chat.shown ? "fold" : "chat"} />
          {chat.unread && <b>{chat.unread}</b>}
        </button>
      )}
    </>
  );
}

function Header() {
  const { agent, resolved, status } = chat.log?.thread ?? {};
  let mode = agent ? fill(words.withPerson, agent.name) : status === "escalated" ? words.waiting : words.assistant;
  if (resolved) mode = words.ended;
  return (
    <div class="head">
      <div class="row">
        <IconButton
          of={chat.listed ? "back" : "list"}
          label={chat.listed ? words.back : words.conversations}
          onClick={() => void chat.list(!chat.listed)}
        />
        <h2>{chat.config?.tenant_name ?? words.log}</h2>
        {!page && <IconButton of="close" label={words.close} onClick={close} />}
      </div>
      <div class="row">
        <p class={status === "escalated" ? "mode human" : "mode"} dir="auto">
          {mode}
        </p>
        <PersonButton kind="pill" />
      </div>
    </div>
  );
}
