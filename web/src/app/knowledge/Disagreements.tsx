/** Passages of other articles that say the same as this one, or something else about the same. */
import { Button } from "@mantine/core";
import { type UseQueryResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { Disagreement } from "../api/knowledge-shapes";
import { percent } from "../format";
import { Tag } from "../ui/small";
import { Empty, Failed, Loading, explain } from "../ui/states";
import { toast } from "../ui/toast";
import { knowledgeWords } from "../words/knowledge";
import css from "./rows.module.css";

const said = knowledgeWords.disagreements;

function Side({ title, id, version, quote }: { title: string; id: string; version: number; quote: string }) {
  return (
    <div>
      <p>
        <Link href={`/knowledge/${id}`}>
          <bdi>{title}</bdi>
        </Link>{" "}
        <small>{knowledgeWords.common.version(version)}</small>
      </p>
      <blockquote className={css.quote} dir="auto">
        {quote}
      </blockquote>
    </div>
  );
}

export function Disagreements({ query, writes }: { query: UseQueryResult<{ items: Disagreement[] }>; writes: boolean }) {
  const client = useQueryClient();
  const dismiss = useMutation({
    mutationFn: calls.dismissDisagreement,
    onSuccess: () => {
      toast(said.dismissed);
      void client.invalidateQueries({ queryKey: keys.documents });
    },
    onError: (error) => toast(explain(error), { tone: "red" }),
  });
  if (query.isLoading) return <Loading lines={4} />;
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  const items = query.data?.items ?? [];
  if (!items.length) return <Empty icon="check" title={said.empty} text={said.emptyText} />;
  return (
    <ul className={css.rows}>
      {items.map((one) => (
        <li key={one.id} className={css.row}>
          <div className={css.rowMain}>
            <p className={css.rowHead}>
              <Tag tone={one.kind === "conflict" ? "red" : "amber"}>{said[one.kind]}</Tag>
              <span>{knowledgeWords.common.similar(percent(one.likeness))}</span>
              {writes && (
                <Button className={css.end} size="compact-xs" variant="default" loading={dismiss.isPending && dismiss.variables === one.id} onClick={() => dismiss.mutate(one.id)}>
                  {said.dismiss}
                </Button>
              )}
            </p>
            <div className={css.sides}>
              <Side title={one.document.title} id={one.document.id} version={one.version} quote={one.quote} />
              <Side title={one.other.title} id={one.other.id} version={one.other_version} quote={one.other_quote} />
            </div>
          </div>
        </li>
      ))}
    </ul>
  );
}
