/** The declared procedures: what begins each, and what of it would not work as it stands. For admins. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/workflows";
import type { WorkflowRow } from "../api/workflows";
import { readable } from "../format";
import { Page } from "../knowledge/frame";
import rows from "../knowledge/rows.module.css";
import { mayDecide, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Tag } from "../ui/small";
import { Empty, Failed, Loading } from "../ui/states";
import { words } from "../words";
import { workflowWords as said } from "../words/workflows";

export const addressOf = (name: string): string => `/workflows/edit/${encodeURIComponent(name)}`;

function Row({ workflow }: { workflow: WorkflowRow }) {
  return (
    <li className={rows.row} data-link="">
      <div className={rows.rowMain}>
        <p className={rows.rowHead}>
          <Link href={addressOf(workflow.name)} className={rows.title}>
            <bdi>{workflow.title}</bdi>
          </Link>
          {workflow.intents.map((name) => (
            <Tag key={name} tone="accent">
              {readable(name)}
            </Tag>
          ))}
          {workflow.warnings.length > 0 && (
            <Tag tone="amber" icon="alert" title={workflow.warnings.join("\n")}>
              {said.warnings(workflow.warnings.length)}
            </Tag>
          )}
        </p>
        {workflow.description && <p dir="auto">{workflow.description}</p>}
        <p className={rows.facts}>
          <code>{workflow.name}</code>
          {workflow.intents.length === 0 && <span>{said.noIntents}</span>}
          <span>
            {said.version(workflow.version)} <bdi>{said.by(workflow.author)}</bdi>
          </span>
        </p>
      </div>
    </li>
  );
}

function Workflows() {
  const [, navigate] = useLocation();
  const found = useQuery({ queryKey: keys.workflowList, queryFn: ({ signal }) => calls.workflows(signal) });
  return (
    <Page
      title={said.title}
      name="workflows"
      lead={said.lead}
      actions={
        <Button size="xs" leftSection={<Icon name="plus" size={14} />} onClick={() => navigate("/workflows/new")}>
          {said.add}
        </Button>
      }
    >
      {found.isPending && <Loading />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.data && found.data.items.length === 0 && <Empty icon="branch" title={said.empty} text={said.emptyText} />}
      {found.data && found.data.items.length > 0 && (
        <ul className={rows.rows}>
          {found.data.items.map((workflow) => (
            <Row key={workflow.name} workflow={workflow} />
          ))}
        </ul>
      )}
    </Page>
  );
}

export default function WorkflowsPage() {
  if (!mayDecide(useSession())) return <Empty icon="shield" title={words.errors.forbiddenTitle} text={words.errors.forbidden} />;
  return <Workflows />;
}
