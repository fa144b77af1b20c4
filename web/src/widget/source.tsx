/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
/** The passage an answer stands on, with the exact quotation marked. */

import { meant, safeLink } from "../shared/markup";
import * as chat from "./chat";
import { h } from "./draw";
import { IconButton } from "./icons";
import { words } from "./settings";
import type { Citation, Section } from "./shapes";
import { fill } from "./words";

export function Source({ citation, section }: { citation: Citation; section: Section | null }) {
  const { title, version, url } = section ?? citation;
  const link = safeLink(url ?? "");
  return (
    <dialog class="source" aria-labelledby="source" ref={(dialog) => dialog.showModal()} onClose={chat.closeSource}>
      <div class="row">
        <i class="number">{citation.index}</i>
        <h2 id="source" dir="auto">
          {title}
        </h2>
        <IconButton of="close" label={words.back} onClick={chat.closeSource} />
      </div>
      <p class="meta">
        {section?.heading && <span dir="auto">{section.heading} ·</span>} {fill(words.version, version)}
      </p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls can be scrolled by keyboard */}
      <div class="passage" dir="auto" tabindex="0">
        {section ? <Passage {...section} /> : words.loading}
      </div>
      {link && (
        <a class="main" href={link.href} target="_blank" rel="noreferrer">
          {words.openSource} ↗
        </a>
      )}
    </dialog>
  );
}

function Passage({ text, start, end }: Section) {
  // The server counts characters, JavaScript counts UTF-16 units.
  const characters = [...text];
  const part = (from: number, to?: number): string => meant(characters.slice(from, to).join(""));
  return [
    part(0, start),
    <mark ref={(mark) => mark.scrollIntoView({ block: "center" })}>{part(start, end)}</mark>,
    part(end),
  ];
}
