/** Choosing an audience: one of three, or a tier by its name. */
import { NativeSelect, TextInput } from "@mantine/core";
import type { Audience } from "../api/knowledge-shapes";
import { knowledgeWords } from "../words/knowledge";
import { audienceName, tierNamed, tierOf } from "./audience";

const said = knowledgeWords.article;
const everybodys = ["public", "verified", "staff"] as const;
const TIER = "tier";

interface Props {
  label?: string;
  tierLabel?: string;
  hint?: string;
  size?: string;
  value: Audience;
  error?: string;
  onChange: (audience: Audience) => void;
}

export function AudienceField({ label = said.audience, tierLabel = said.tierChoice, hint, size, value, error, onChange }: Props) {
  const tier = tierOf(value);
  return (
    <>
      <NativeSelect
        label={label}
        description={hint}
        size={size}
        value={tier === null ? value : TIER}
        error={tier === null ? error : undefined}
        onChange={(event) => onChange(event.currentTarget.value === TIER ? tierNamed("") : (event.currentTarget.value as Audience))}
        data={[...everybodys.map((one) => ({ value: one, label: audienceName(one) })), { value: TIER, label: tierLabel }]}
      />
      {tier !== null && (
        <TextInput name="tier" label={said.tier} description={hint && said.tierHint} size={size} value={tier} error={error} autoCapitalize="off" onChange={(event) => onChange(tierNamed(event.currentTarget.value))} />
      )}
    </>
  );
}
