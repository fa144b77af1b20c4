/** Search and jump: pages, things to do, and tickets found by the server while one types. */
import { Modal, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useLocation } from "wouter";
import * as calls from "../api/calls";
import { keys } from "../api/keys";
import { views } from "../inbox/views";
import { mayAnswer, mayDecide, mayEditKnowledge, useSession } from "../session";
import { Icon, type IconName } from "../ui/Icon";
import { words } from "../words";
import { actionWords } from "../words/actions";
import { approvalWords } from "../words/approvals";
import { intentWords } from "../words/intents";
import { modelWords } from "../words/models";
import { workflowWords } from "../words/workflows";
import { useMyPresence } from "./presence";
import { rooms } from "./rooms";
import css from "./shell.module.css";

interface Choice {
  id: string;
  group: string;
  icon: IconName;
  label: string;
  aside?: string;
  run: () => void;
}

function useCommands(onSheet: () => void): Choice[] {
  const [, navigate] = useLocation();
  const session = useSession();
  const presence = useMyPresence();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme();
  const { palette } = words;
  const commands: Choice[] = views.map((view) => ({
    id: view, group: palette.go, icon: "inbox", label: words.views[view], aside: words.nav.inbox, run: () => navigate(`/inbox?view=${view}`),
  }));
  commands.push({ id: "knowledge", group: palette.go, icon: "book", label: words.nav.knowledge, run: () => navigate("/knowledge") });
  for (const room of rooms)
    commands.push({ id: room, group: palette.go, icon: "book", label: words.knowledge.views[room], aside: words.nav.knowledge, run: () => navigate(`/knowledge/${room}`) });
  if (mayDecide(session)) commands.push({ id: "rules", group: palette.go, icon: "shield", label: words.nav.rules, run: () => navigate("/rules") });
  if (mayDecide(session)) commands.push({ id: "models", group: palette.go, icon: "assistant", label: modelWords.nav, run: () => navigate("/models") });
  if (mayDecide(session)) commands.push({ id: "intents", group: palette.go, icon: "tree", label: intentWords.nav, run: () => navigate("/intents") });
  if (mayDecide(session)) commands.push({ id: "confidence", group: palette.go, icon: "gauge", label: words.nav.confidence, run: () => navigate("/confidence") });
  if (mayAnswer(session)) commands.push({ id: "approvals-of-actions", group: palette.go, icon: "check", label: approvalWords.nav, run: () => navigate("/approvals") });
  commands.push({ id: "actions", group: palette.go, icon: "bolt", label: actionWords.nav, run: () => navigate("/actions") });
  if (mayDecide(session)) commands.push({ id: "workflows", group: palette.go, icon: "branch", label: workflowWords.nav, run: () => navigate("/workflows") });
  if (mayEditKnowledge(session)) commands.push({ id: "new", group: palette.act, icon: "edit", label: palette.newArticle, run: () => navigate("/knowledge/new") });
  if (presence.state === "online") commands.push({ id: "away", group: palette.act, icon: "clock", label: palette.goAway, run: () => presence.set("away") });
  if (presence.state === "away") commands.push({ id: "online", group: palette.act, icon: "check", label: palette.goOnline, run: () => presence.set("online") });
  commands.push({ id: "theme", group: palette.act, icon: "bulb", label: palette.toggleTheme, run: () => setColorScheme(scheme === "dark" ? "light" : "dark") });
  commands.push({ id: "keys", group: palette.act, icon: "info", label: palette.keys, run: onSheet });
  return commands;
}

function useTickets(text: string): { choices: Choice[]; busy: boolean } {
  const [, navigate] = useLocation();
  const [q] = useDebouncedValue(text, 200);
  const found = useQuery({
    queryKey: keys.find(q),
    enabled: q.length > 1,
    queryFn: ({ signal }) => calls.tickets({ status: [], assignee: null, q }, null, 8, signal),
  });
  const choices = (q.length > 1 ? (found.data?.items ?? []) : []).map((ticket): Choice => ({
    id: ticket.id,
    group: words.palette.tickets,
    icon: ticket.mode === "ai" ? "assistant" : "person",
    label: ticket.subject,
    aside: ticket.customer.name ?? ticket.customer.email ?? words.list.anonymous,
    run: () => navigate(`/inbox/${ticket.id}?view=${ticket.mode === "closed" ? "resolved" : "open"}`),
  }));
  return { choices, busy: q.length > 1 && found.isFetching };
}

export function Palette({ onClose, onSheet }: { onClose: () => void; onSheet: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const box = useRef<HTMLDivElement>(null);
  const commands = useCommands(onSheet);
  const tickets = useTickets(text.trim());
  const wanted = text.trim().toLowerCase();
  const choices = [...commands.filter((one) => one.label.toLowerCase().includes(wanted)), ...tickets.choices];
  const current = Math.min(at, choices.length - 1);

  useEffect(() => setAt(0), [text]);
  useEffect(() => {
    box.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [current]);

  const choose = (choice: Choice | undefined): void => {
    if (!choice) return;
    onClose();
    choice.run();
  };
  const pressed = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) setAt((current + step + choices.length) % Math.max(1, choices.length));
    else if (event.key === "Enter") choose(choices[current]);
    else return;
    event.preventDefault();
  };

  return (
    <Modal opened onClose={onClose} withCloseButton={false} centered={false} padding={0} size="lg" aria-label={words.palette.title}>
      <input
        className={css.paletteInput}
        data-autofocus
        ref={(input) => input?.focus()}
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={choices[current] ? `${list}-${current}` : undefined}
        aria-label={words.palette.title}
        placeholder={words.palette.placeholder}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={pressed}
      />
      <div className={css.options} id={list} role="listbox" aria-label={words.palette.title} ref={box}>
        {choices.map((choice, index) => (
          <div key={choice.id} role="presentation">
            {choice.group !== choices[index - 1]?.group && (
              <div className={css.group} role="presentation">
                {choice.group}
              </div>
            )}
            {/* The keyboard stays in the input and points here by aria-activedescendant. */}
            <div
              className={css.option}
              id={`${list}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === current}
              onMouseMove={() => setAt(index)}
              onClick={() => choose(choice)}
              onKeyDown={pressed}
            >
              <Icon name={choice.icon} />
              <span className={css.label} dir="auto">
                {choice.label}
              </span>
              {choice.aside && <small>{choice.aside}</small>}
            </div>
          </div>
        ))}
        {choices.length === 0 && <p className={css.paletteEmpty}>{tickets.busy ? words.palette.searching : words.palette.nothing}</p>}
      </div>
    </Modal>
  );
}
