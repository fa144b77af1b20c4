/**
 * @jsxRuntime classic
 * @jsx h
 */
/** Where a one-time code is typed or pasted: it goes as a message like any other. */

import type { Problem } from "../../shared/problem";
import { h } from "../draw";
import { digits } from "./acts";
import { Form } from "./form";
import { kit, toDraft, words } from "./use";

let note = "";

export function CodeField({ conversation }: { conversation: string }) {
  return (
    <div class="card">
      <Form
        card="part"
        wrong={words.codeBad}
        send={async (value) => {
          const code = digits(value("code"));
          if (!code) throw { sentence: words.codeBad } as Problem;
          note = "";
          kit.send(code);
          toDraft();
        }}
      >
        <label>
          {words.code}
          <input class="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required dir="ltr" />
        </label>
      </Form>
      <button type="button" class="plain" onClick={({ isTrusted }) => isTrusted && void another(conversation)}>
        {words.another}
      </button>
      {note && <p class="bad">{note}</p>}
    </div>
  );
}

/** That one was sent comes as an event. */
async function another(conversation: string): Promise<void> {
  note = await kit.json(`/v1/conversations/${conversation}/step-up`, {}).then(
    () => "",
    ({ sentence }: Problem) => sentence || words.lost,
  );
  kit.say(note);
  kit.changed();
}
