/**
 * @jsxRuntime classic
 * @jsx h
 */
/** A form that says below its fields what is the matter with them. */

import type { Problem } from "../../shared/problem";
import { h, type Child } from "../draw";
import { words } from "./use";

export interface FormProps {
  /** Sends what was filled in; a rejection is shown in the form. */
  send: (value: (name: string) => string) => Promise<void>;
  /** What to say when the form is not filled in as it should be. */
  wrong: string;
  /** Its class: a card of its own, or a part of one. */
  card?: string;
  children?: unknown;
}

export function Form({ send, wrong, card = "card", children }: FormProps) {
  return (
    <form
      class={card}
      novalidate
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        // Drawn without content, so what is written here stays.
        const bad = form.querySelector(".bad") as HTMLElement;
        bad.textContent = "";
        if (form.checkValidity()) {
          const data = new FormData(form);
          send((name) => String(data.get(name)).trim()).catch(({ sentence }: Problem) => {
            bad.textContent = sentence || words.wrong;
          });
        } else {
          bad.textContent = wrong;
          form.querySelector<HTMLElement>("input:invalid")?.focus();
        }
      }}
    >
      {children as Child}
      <p class="bad" role="alert" />
      <button type="submit" class="main">
        {words.send}
      </button>
    </form>
  );
}
