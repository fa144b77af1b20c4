/** Messages that somebody makes up, and where they go: under the rules in force, and with the changes that are not saved. */
import { Button, TextInput, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import * as calls from "../api/policy";
import type { Changes } from "../api/policy";
import { Icon } from "../ui/Icon";
import { Failed } from "../ui/states";
import { policyWords } from "../words/policy";
import { Way } from "./SandboxResult";
import { Scroll } from "./fields";
import css from "./policy.module.css";

const said = policyWords.messages;
const MOST = 100;

export function TryMessages({ changes }: { changes: Changes }) {
  const [text, setText] = useState("");
  const [tier, setTier] = useState("free");
  const messages = text.split("\n").map((line) => line.trim()).filter(Boolean).slice(0, MOST);
  const tried = useMutation({ mutationFn: () => calls.tryOnMessages(changes, messages.map((one) => ({ text: one, tier: tier.trim() || "free" }))) });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (messages.length) tried.mutate();
  };
  return (
    <div className={css.result}>
      <p>{said.text}</p>
      <form className={css.try} onSubmit={submit}>
        <Textarea label={said.label} description={said.hint} value={text} rows={5} dir="auto" onChange={(event) => setText(event.currentTarget.value)} />
        <TextInput label={said.tier} value={tier} maxLength={100} onChange={(event) => setTier(event.currentTarget.value)} />
        <Button type="submit" loading={tried.isPending} disabled={!messages.length} leftSection={<Icon name="send" size={14} />}>
          {said.run}
        </Button>
      </form>
      {tried.isError && <Failed error={tried.error} />}
      {tried.data?.messages_tried && (
        <Scroll label={said.table}>
          <table data-wide="">
            <caption>{said.table}</caption>
            <thead>
              <tr>
                <th scope="col">{said.message}</th>
                <th scope="col">{said.live}</th>
                <th scope="col">{said.proposed}</th>
              </tr>
            </thead>
            <tbody>
              {tried.data.messages_tried.map((one, at) => (
                <tr key={at} data-changed={one.live.route === one.proposed.route ? undefined : ""}>
                  <th scope="row" dir="auto">
                    {one.text}
                  </th>
                  <td>
                    <Way way={one.live} />
                  </td>
                  <td>
                    <Way way={one.proposed} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </div>
  );
}
