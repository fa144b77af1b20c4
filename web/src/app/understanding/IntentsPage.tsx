/** The intents that messages are understood by: examples, training with its result, and a message to try. For admins. */
import { Button, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "../api/keys";
import * as calls from "../api/understanding";
import type { Intent } from "../api/understanding";
import { percent, readable } from "../format";
import { Notice, Page } from "../knowledge/frame";
import rows from "../knowledge/rows.module.css";
import { mayDecide, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Tag } from "../ui/small";
import { Empty, Failed, Loading } from "../ui/states";
import { words } from "../words";
import { intentWords as said } from "../words/intents";
import { IntentForm } from "./IntentForm";
import { TrainPanel } from "./TrainPanel";
import { TryMessage } from "./TryMessage";
import { Warnings } from "./Warnings";
import css from "./intents.module.css";

const FEW = 5;

const titleOf = (intent: Intent): string => (intent.name === "unknown" ? said.unknown : intent.title || readable(intent.name));

function Row({ intent, trained, onEdit }: { intent: Intent; trained: boolean; onEdit: () => void }) {
  const { held_out: found } = intent;
  return (
    <li className={rows.row}>
      <div className={rows.rowMain}>
        <p className={rows.rowHead}>
          <strong dir="auto">{titleOf(intent)}</strong>
          {intent.requires_action && <Tag tone="blue">{said.action}</Tag>}
          {intent.parent && <Tag>{said.parentOf(readable(intent.parent))}</Tag>}
          {intent.examples < FEW && <Tag tone="amber" icon="alert">{said.few}</Tag>}
        </p>
        {intent.description && <p dir="auto">{intent.description}</p>}
        <p className={rows.facts}>
          <span>{said.examples(intent.examples)}</span>
          {found && found.recall !== null && <span>{said.found(percent(found.recall))}</span>}
          {found && found.precision !== null && <span>{said.right(percent(found.precision))}</span>}
          {trained && !found && <span>{said.untried}</span>}
        </p>
      </div>
      <div className={rows.actions}>
        <Button size="xs" variant="default" leftSection={<Icon name="edit" size={14} />} aria-label={said.edit(titleOf(intent))} onClick={onEdit}>
          {said.editShort}
        </Button>
      </div>
    </li>
  );
}

function Intents() {
  const [editing, setEditing] = useState<string | null>(null);
  const found = useQuery({ queryKey: keys.intents, queryFn: ({ signal }) => calls.intents(signal) });
  const catalogue = found.data;
  const open = catalogue?.items.find(({ name }) => name === editing) ?? null;
  const close = (): void => setEditing(null);
  const warnings = catalogue?.latest?.metrics.warnings;
  return (
    <Page title={said.title} name="intents" lead={said.lead} actions={<Button size="xs" leftSection={<Icon name="plus" size={14} />} onClick={() => setEditing("")}>{said.add}</Button>}>
      {found.isPending && <Loading />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {catalogue && (
        <>
          {!catalogue.own && <Notice icon="info">{said.starter}</Notice>}
          <div className={css.two}>
            <TrainPanel catalogue={catalogue} />
            <TryMessage />
          </div>
          {warnings && <Warnings found={warnings} />}
          <section className={rows.panel}>
            <h2>{said.list}</h2>
            <ul className={rows.rows}>
              {catalogue.items.map((intent) => (
                <Row key={intent.name} intent={intent} trained={catalogue.live !== null} onEdit={() => setEditing(intent.name)} />
              ))}
            </ul>
          </section>
          <Modal opened={editing !== null} onClose={close} size="lg" title={open ? titleOf(open) : said.form.newTitle}>
            {editing !== null && <IntentForm key={editing} intent={open} others={catalogue.items.filter(({ name }) => name !== editing && name !== "unknown")} onClose={close} />}
          </Modal>
        </>
      )}
    </Page>
  );
}

export default function IntentsPage() {
  if (!mayDecide(useSession())) return <Empty icon="shield" title={words.errors.forbiddenTitle} text={words.errors.forbidden} />;
  return <Intents />;
}
