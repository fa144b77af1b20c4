/** Connecting a source: first which kind, then what it needs. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useSearchParams } from "wouter";
import * as calls from "../api/knowledge";
import { mayEditKnowledge, useSession } from "../session";
import { Icon } from "../ui/Icon";
import { Empty } from "../ui/states";
import { toast } from "../ui/toast";
import { words } from "../words";
import { knowledgeWords } from "../words/knowledge";
import { SourceForm } from "./SourceForm";
import { Page } from "./frame";
import css from "./source.module.css";
import { kindNames, kindOf } from "./sourceKinds";
import { sourceIcon, sourcesChanged } from "./sources";

const said = knowledgeWords.sources;
const back = { href: "/knowledge/sources", label: said.title };

export default function NewSourcePage() {
  const client = useQueryClient();
  const session = useSession();
  const [, navigate] = useLocation();
  const [search] = useSearchParams();
  const kind = kindOf(search.get("kind"));
  const create = useMutation({
    mutationFn: calls.createSource,
    onSuccess: (source) => {
      toast(said.form.connected);
      sourcesChanged(client);
      navigate(`/knowledge/sources/${source.id}`, { replace: true });
    },
  });
  if (!mayEditKnowledge(session)) return <Empty icon="shield" title={words.errors.forbiddenTitle} text={knowledgeWords.common.adminOnly} />;
  if (!kind)
    return (
      <Page title={said.newTitle} name="source-new" back={back} lead={said.choose}>
        <ul className={css.kinds}>
          {kindNames.map((name) => (
            <li key={name}>
              <Icon name={sourceIcon[name]} size={20} />
              <Link href={`/knowledge/sources/new?kind=${name}`}>{said.kinds[name]}</Link>
              <p>{said.kindHints[name]}</p>
            </li>
          ))}
        </ul>
      </Page>
    );
  return (
    <Page title={`${said.newTitle}: ${said.kinds[kind]}`} name={`source-${kind}`} back={{ href: "/knowledge/sources/new", label: said.other }} lead={said.kindHints[kind]}>
      <SourceForm key={kind} kind={kind} saving={create.isPending} error={create.error} onSave={create.mutate} onCancel={() => navigate("/knowledge/sources")} />
    </Page>
  );
}
