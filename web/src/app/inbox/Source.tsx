/** A citation one can open: the exact quotation, its article and version. */
import { Popover } from "@mantine/core";
import { Link } from "wouter";
import { meant, safeLink } from "../../shared/markup";
import type { Citation } from "../api/types";
import { Icon } from "../ui/Icon";
import { words } from "../words";
import css from "./inbox.module.css";

function Card({ citation }: { citation: Citation }) {
  const url = citation.url ? safeLink(citation.url) : null;
  return (
    <div className={css.source}>
      <strong dir="auto">{citation.title}</strong>
      <blockquote dir="auto">{meant(citation.quote)}</blockquote>
      <p>
        <span>{words.ticket.version(citation.version)}</span>
        <Link href={`/knowledge/${citation.document_id}?${new URLSearchParams({ cited: citation.quote, version: String(citation.version) }).toString()}`}>{words.ticket.openDocument}</Link>
        {url && (
          <a href={url.href} target="_blank" rel="noopener noreferrer">
            {words.ticket.openPage(url.host)} <Icon name="open" size={12} />
          </a>
        )}
      </p>
    </div>
  );
}

export function Source({ citation, long }: { citation: Citation; long?: boolean }) {
  return (
    <Popover width={320} position="top" withArrow shadow="md" trapFocus withinPortal>
      <Popover.Target>
        <button type="button" className={long ? css.chip : css.cite} aria-label={words.ticket.source(citation.index, citation.title)}>
          {long ? (
            <>
              <span aria-hidden="true">{citation.index}</span> <bdi>{citation.title}</bdi>
            </>
          ) : (
            citation.index
          )}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <Card citation={citation} />
      </Popover.Dropdown>
    </Popover>
  );
}
