/** A question, tested: what would be answered, from which passages, and why each of them ranked where it did. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "wouter";
import { keys } from "../api/keys";
import * as calls from "../api/knowledge";
import type { Audience } from "../api/knowledge-shapes";
import { Icon } from "../ui/Icon";
import { Empty, Failed, Loading } from "../ui/states";
import { knowledgeWords } from "../words/knowledge";
import { AudienceField } from "./AudienceField";
import { useDrafts } from "./ReleasePicker";
import { TestResult } from "./TestResult";
import { audienceFits } from "./audience";
import { Page } from "./frame";
import css from "./test.module.css";

const said = knowledgeWords.test;

export default function TestPage() {
  const [search, setSearch] = useSearchParams();
  const asked = { q: search.get("q") ?? "", as: search.get("as") ?? "public", release_id: search.get("release") };
  const [text, setText] = useState(asked.q);
  const [as, setAs] = useState(asked.as as Audience);
  const [release, setRelease] = useState(asked.release_id ?? "");
  const drafts = useDrafts();
  const names = new Map(drafts.data?.items.map((one) => [one.id, one.title]));
  if (asked.release_id && !names.has(asked.release_id)) names.set(asked.release_id, asked.release_id);
  const tested = useQuery({
    queryKey: keys.tested(asked.q, asked.as, asked.release_id),
    enabled: asked.q !== "",
    queryFn: ({ signal }) => calls.testQuestion(asked, signal),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const next = { q: text.trim(), as, ...(release ? { release } : {}) };
    if (!next.q || !audienceFits(as)) return;
    if (next.q === asked.q && as === asked.as && (release || null) === asked.release_id) void tested.refetch();
    else setSearch(next);
  };
  return (
    <Page title={said.title} name="test" lead={said.lead}>
      <form className={css.ask} onSubmit={submit} role="search">
        <TextInput className={css.question} label={said.question} placeholder={said.hint} value={text} maxLength={2000} onChange={(event) => setText(event.currentTarget.value)} dir="auto" />
        <AudienceField label={said.as} tierLabel={said.asTier} value={as} error={audienceFits(as) ? undefined : knowledgeWords.article.needTier} onChange={setAs} />
        <NativeSelect label={said.against} value={release} onChange={(event) => setRelease(event.currentTarget.value)} data={[{ value: "", label: said.live }, ...[...names].map(([value, title]) => ({ value, label: said.draft(title) }))]} />
        <Button type="submit" disabled={!text.trim()} loading={tested.isFetching} leftSection={<Icon name="send" size={14} />}>
          {said.run}
        </Button>
      </form>
      {asked.q === "" && <Empty icon="bulb" title={said.begin} text={said.beginText} />}
      {tested.isLoading && <Loading lines={8} />}
      {tested.isError && !tested.isFetching && <Failed error={tested.error} retry={() => void tested.refetch()} />}
      {tested.data && !tested.isError && <TestResult found={tested.data} />}
    </Page>
  );
}
