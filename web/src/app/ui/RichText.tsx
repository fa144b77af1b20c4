/** A message's text as elements: the small Markdown subset, citation marks, links shown with their host. */
import { Fragment, type ReactNode } from "react";
import { type Inline, blocks } from "../../shared/markup";
import css from "./rich.module.css";

type Cite = (index: number) => ReactNode;

function Part({ part, cite }: { part: Inline; cite?: Cite }) {
  switch (part.kind) {
    case "bold":
      return <strong>{part.text}</strong>;
    case "code":
      return <code>{part.text}</code>;
    case "cite":
      return cite?.(part.index) ?? `[${part.index}]`;
    case "link":
      return (
        <a href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.text}
          {part.text.includes(part.host) ? null : <small> ({part.host})</small>}
        </a>
      );
    default:
      return part.text;
  }
}

export function Line({ parts, cite }: { parts: Inline[]; cite?: Cite }) {
  return parts.map((part, at) => <Part key={at} part={part} cite={cite} />);
}

export function RichText({ text, cite }: { text: string; cite?: Cite }) {
  return (
    <div className={css.rich} dir="auto">
      {blocks(text).map((block, at) => {
        if (block.kind === "lines")
          return (
            <p key={at}>
              {block.lines.map((line, index) => (
                <Fragment key={index}>
                  {index > 0 && <br />}
                  <Line parts={line} cite={cite} />
                </Fragment>
              ))}
            </p>
          );
        const items = block.items.map((item, index) => (
          <li key={index}>
            <Line parts={item} cite={cite} />
          </li>
        ));
        return block.ordered ? (
          <ol key={at} start={block.first}>
            {items}
          </ol>
        ) : (
          <ul key={at}>{items}</ul>
        );
      })}
    </div>
  );
}
