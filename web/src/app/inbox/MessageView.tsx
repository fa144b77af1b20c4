/** One message of the thread: who said it, how it reads, what it rests on. */
import { memo } from "react";
import { meant } from "../../shared/markup";
import type { Customer, Message } from "../api/types";
import { timeOfDay, wholeTime } from "../format";
import { Icon } from "../ui/Icon";
import { RichText } from "../ui/RichText";
import { Avatar, Tag } from "../ui/small";
import { words } from "../words";
import { Source } from "./Source";
import css from "./inbox.module.css";
import { speaker } from "./people";

interface Props {
  message: Message;
  customer: Customer;
  onWhy: (turnId: string) => void;
}

export const MessageView = memo(function MessageView({ message, customer, onWhy }: Props) {
  const { name, icon } = speaker(message, customer);
  const internal = message.visibility === "internal";
  if (message.role === "system" && !internal)
    return (
      <li className={css.systemLine} id={`message-${message.id}`}>
        <span dir="auto">{message.text}</span>
        <time dateTime={message.created_at}>{timeOfDay(message.created_at)}</time>
      </li>
    );
  const cite = (index: number) => {
    const citation = message.citations.find((one) => one.index === index);
    return citation ? <Source citation={citation} /> : null;
  };
  return (
    <li className={css.message} data-role={internal ? "note" : message.role} id={`message-${message.id}`}>
      <Avatar name={name} icon={icon} tone={message.role === "assistant" ? "accent" : message.role === "agent" && !internal ? "solid" : undefined} />
      <div className={css.bubble}>
        <p className={css.byline}>
          <strong>
            <bdi>{name}</bdi>
          </strong>
          {internal && <Tag icon="note">{words.ticket.note}</Tag>}
          <time dateTime={message.created_at} title={wholeTime(message.created_at)}>
            {timeOfDay(message.created_at)}
          </time>
          {message.role === "assistant" && (
            <button type="button" className={css.why} onClick={() => onWhy(message.turn_id ?? message.id)}>
              {words.ticket.why}
            </button>
          )}
        </p>
        <RichText text={message.role === "assistant" ? meant(message.text) : message.text} cite={cite} />
        {message.citations.length > 0 && (
          <p className={css.chips} aria-label={words.ticket.sources}>
            <Icon name="book" size={12} />
            {message.citations.map((citation) => (
              <Source key={citation.index} citation={citation} long />
            ))}
          </p>
        )}
      </div>
    </li>
  );
});
