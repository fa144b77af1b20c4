/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
/** Turns a message's text into elements: the marks of shared/markup, and citation marks as numbered buttons. */

import { blocks, meant, type Inline } from "../shared/markup";
import { h, type Child } from "./draw";
import { words } from "./settings";
import type { Citation } from "./shapes";
import { fill } from "./words";

interface TextProps {
  text: string;
  citations?: Citation[];
  open?: (citation: Citation) => void;
}

export function Text({ text, citations = [], open }: TextProps) {
  const part = (one: Inline): Child => {
    if (one.kind === "bold") return <strong>{one.text}</strong>;
    if (one.kind === "code") return <code>{one.text}</code>;
    if (one.kind === "link") return <Link href={one.href} label={one.text} host={one.host} />;
    if (one.kind === "text") return one.text;
    const { index } = one as { index: number };
    const citation = citations.find((cited) => cited.index === index);
    if (!citation) return <sup>[{index}]</sup>;
    return (
      <button type="button" class="mark" aria-label={`${fill(words.source, index)}: ${citation.title}`} onClick={() => open?.(citation)}>
        {index}
      </button>
    );
  };
  return (
    <div class="text" dir="auto">
      {blocks(meant(text)).map((block) => {
        if (block.kind === "lines") return <p>{block.lines.map((line, at) => [at > 0 && <br />, line.map(part)])}</p>;
        const items = block.items.map((item) => <li>{item.map(part)}</li>);
        return block.ordered ? <ol start={block.first}>{items}</ol> : <ul>{items}</ul>;
      })}
    </div>
  );
}

/** A link that shows where it leads. */
function Link({ href, label, host }: { href: string; label: string; host: string }) {
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {label}
      {!label.includes(host) && <small> ({host})</small>}
    </a>
  );
}
