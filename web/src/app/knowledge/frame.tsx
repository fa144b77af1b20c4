/** What the pages of the knowledge are framed by: the page with its heading, notices, tabs, a question before a deed. */
import { Button, Modal, type MantineColor } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { Icon, type IconName } from "../ui/Icon";
import { useHeadingFocus, useTitle } from "../ui/hooks";
import { words } from "../words";
import css from "./frame.module.css";

interface PageProps {
  title: string;
  /** what the page is about, for the focus: the heading takes it when this changes */
  name: string;
  lead?: ReactNode;
  back?: { href: string; label: string };
  actions?: ReactNode;
  /** facts below the title */
  meta?: ReactNode;
  children: ReactNode;
}

export function Page({ title, name, lead, back, actions, meta, children }: PageProps) {
  const heading = useHeadingFocus<HTMLHeadingElement>(name);
  useTitle(title);
  return (
    <div className={css.page}>
      {back && (
        <Link href={back.href} className={css.back}>
          <Icon name="back" size={14} />
          {back.label}
        </Link>
      )}
      <header className={css.pageHead}>
        <div>
          <h1 ref={heading} tabIndex={-1} dir="auto">
            {title}
          </h1>
          {lead && <p>{lead}</p>}
          {meta && <div className={css.meta}>{meta}</div>}
        </div>
        {actions && <div className={css.headActions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

type NoticeTone = "red" | "blue" | "amber" | "green";

/** A line that says how things stand. Red ones are spoken at once, the others when there is time. */
export function Notice({ tone, icon, children, actions }: { tone?: NoticeTone; icon?: IconName; children: ReactNode; actions?: ReactNode }) {
  return (
    <div className={css.notice} data-tone={tone} role={tone === "red" ? "alert" : "status"}>
      {icon && <Icon name={icon} size={14} />}
      <span>{children}</span>
      {actions && <div className={css.noticeActions}>{actions}</div>}
    </div>
  );
}

export interface Tab<T extends string> {
  name: T;
  label: string;
  count?: number;
}

export function Tabs<T extends string>({ label, tabs, chosen, onChoose }: { label: string; tabs: readonly Tab<T>[]; chosen: T; onChoose: (name: T) => void }) {
  return (
    <div className={css.tabs} role="group" aria-label={label}>
      {tabs.map((tab) => (
        <button key={tab.name} type="button" className={css.tab} aria-pressed={tab.name === chosen} onClick={() => onChoose(tab.name)}>
          {tab.label}
          {tab.count !== undefined && tab.count > 0 && <span>{tab.count}</span>}
        </button>
      ))}
    </div>
  );
}

interface ConfirmProps {
  opened: boolean;
  title: string;
  text?: ReactNode;
  label: string;
  color?: MantineColor;
  busy?: boolean;
  children?: ReactNode;
  onClose: () => void;
  onConfirm: () => void;
}

/** Asks once before something that others notice. Cancel has the focus. */
export function Confirm({ opened, title, text, label, color, busy, children, onClose, onConfirm }: ConfirmProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      {text && <p className={css.dialogText}>{text}</p>}
      {children}
      <div className={css.dialogFoot}>
        <Button variant="default" data-autofocus onClick={onClose}>
          {words.cancel}
        </Button>
        <Button color={color} loading={busy} onClick={onConfirm}>
          {label}
        </Button>
      </div>
    </Modal>
  );
}

/** A figure with its name, large. */
export function Figure({ label, tone, children }: { label: string; tone?: string; children: ReactNode }) {
  return (
    <div className={css.figure} data-tone={tone}>
      <strong>{children}</strong>
      <span>{label}</span>
    </div>
  );
}
