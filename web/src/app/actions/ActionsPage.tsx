/** The registry: every action with what it is, who may use it and its limits in words. Admins switch them on and off. */
import { Button, Switch } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useLocation } from "wouter";
import * as calls from "../api/actions";
import type { Action } from "../api/actions";
import { keys } from "../api/keys";
import { Page } from "../knowledge/frame";
import rows from "../knowledge/rows.module.css";
import { mayDecide, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Tag } from "../ui/small";
import { Empty, Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { actionWords as said } from "../words/actions";
import css from "./actions.module.css";
import { confirmInWords, lean, limitsInWords, put } from "./definition";
import { addressOf } from "./places";

function Enabled({ action }: { action: Action }) {
  const client = useQueryClient();
  const flip = useMutation({
    // Of the action as it is by now: the page may be older than somebody's change.
    mutationFn: async (enabled: boolean) => calls.put(action.name, put(lean(await calls.action(action.name)), "enabled", enabled)),
    onSuccess: (entry) => {
      client.setQueryData<{ items: Action[] }>(keys.actionList, (was) => was && { items: was.items.map((one) => (one.name === entry.name ? entry : one)) });
      void client.invalidateQueries({ queryKey: keys.actions });
      toast(entry.enabled ? said.on(entry.name) : said.off(entry.name));
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  return <Switch size="xs" aria-label={said.enable(action.name)} checked={flip.isPending ? flip.variables : action.enabled} disabled={flip.isPending} onChange={(event) => flip.mutate(event.currentTarget.checked)} />;
}

function Row({ action, admin }: { action: Action; admin: boolean }) {
  const limits = limitsInWords(lean(action));
  return (
    <li className={rows.row} data-link="">
      <div className={rows.rowMain}>
        <p className={rows.rowHead}>
          <Link href={addressOf(action.name)} className={rows.title}>
            <code className={css.name}>{action.name}</code>
          </Link>
          <Tag tone={action.kind === "change" ? "blue" : "plain"}>{said.kinds[action.kind]}</Tag>
          {!action.enabled && <Tag tone="amber">{said.isOff}</Tag>}
        </p>
        <p dir="auto">{action.description}</p>
        <p className={rows.facts}>
          <span>{said.identities[action.identity]}</span>
          {action.kind === "change" && <span>{confirmInWords(action)}</span>}
          {action.kind === "change" && <span>{limits.length ? limits.join(", ") : said.noLimits}</span>}
          <span>{said.version(action.version)}</span>
        </p>
      </div>
      {admin && (
        <div className={`${rows.actions} ${css.above}`}>
          <Enabled action={action} />
        </div>
      )}
    </li>
  );
}

export default function ActionsPage() {
  const admin = mayDecide(useSession());
  const [, navigate] = useLocation();
  const found = useQuery({ queryKey: keys.actionList, queryFn: ({ signal }) => calls.actions(signal) });
  const buttons = (
    <>
      <Button size="xs" variant="default" leftSection={<Icon name="upload" size={14} />} onClick={() => navigate("/actions/import")}>
        {said.importLink}
      </Button>
      <Button size="xs" leftSection={<Icon name="plus" size={14} />} onClick={() => navigate("/actions/new")}>
        {said.add}
      </Button>
    </>
  );
  return (
    <Page title={said.title} name="actions" lead={admin ? said.lead : `${said.lead} ${said.readOnly}`} actions={admin && buttons}>
      {found.isPending && <Loading />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.data && found.data.items.length === 0 && <Empty icon="bolt" title={said.empty} text={said.emptyText} />}
      {found.data && found.data.items.length > 0 && (
        <ul className={rows.rows}>
          {found.data.items.map((action) => (
            <Row key={action.name} action={action} admin={admin} />
          ))}
        </ul>
      )}
    </Page>
  );
}
