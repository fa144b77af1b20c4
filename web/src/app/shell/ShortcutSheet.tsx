/** Every shortcut of the app on one sheet. */
import { Modal } from "@mantine/core";
import { Fragment } from "react";
import { Key } from "../ui/small";
import { words } from "../words";
import { modKey, useSingleKeys } from "./keyboard";
import css from "./shell.module.css";

const sheet: [string, [string[], string][]][] = [
  [
    words.keys.everywhere,
    [
      [[`${modKey} K`], words.keys.palette],
      [["?"], words.keys.sheet],
      [["g", "i"], words.keys.inbox],
      [["g", "k"], words.keys.knowledge],
    ],
  ],
  [
    words.keys.list,
    [
      [["j"], words.keys.next],
      [["k"], words.keys.previous],
      [["Enter"], words.keys.openTicket],
      [["/"], words.keys.search],
    ],
  ],
  [
    words.keys.ticket,
    [
      [["c"], words.keys.claim],
      [["r"], words.keys.reply],
      [["n"], words.keys.note],
      [["e"], words.keys.resolve],
      [["h"], words.keys.handback],
      [["z"], words.keys.reopen],
      [["u"], words.keys.toList],
      [[`${modKey} Enter`], words.keys.send],
    ],
  ],
];

export default function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const on = useSingleKeys();
  return (
    <Modal opened onClose={onClose} title={words.keys.title} size="xl">
      {!on && <p className={css.sheetOff}>{words.keys.off}</p>}
      <div className={css.sheet}>
        {sheet.map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([combination, does]) => (
                <div key={does}>
                  <dt>{does}</dt>
                  <dd>
                    {combination.map((key, at) => (
                      <Fragment key={key}>
                        {at > 0 && ` ${words.keys.followedBy} `}
                        <Key>{key}</Key>
                      </Fragment>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
