/** Signing in: e-mail and password, with errors that say what to do. Pasting and password managers just work. */
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { Problem } from "../../shared/problem";
import * as calls from "../api/calls";
import { own } from "../ownership";
import { changeSession } from "../session";
import { Icon } from "../ui/Icon";
import { Mark } from "../ui/Mark";
import { useTitle } from "../ui/hooks";
import { explain } from "../ui/states";
import { words } from "../words";
import css from "./login.module.css";

/** Counts down the seconds the server asked to wait. */
function useWait(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1_000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}

function reasonOf(error: unknown): string {
  if (error instanceof Problem && error.status === 401) return words.login.wrong;
  return explain(error);
}

export function LoginPage({ returnTo, expired }: { returnTo: string; expired: boolean }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [missing, setMissing] = useState<{ email?: string; password?: string }>({});
  const [wait, setWait] = useWait();
  const form = useRef<HTMLFormElement>(null);
  useTitle(words.login.submit);

  const signIn = useMutation({
    mutationFn: (entry: { email: string; password: string }) => calls.login(entry.email, entry.password),
    onSuccess: (session) => {
      if (own(session.member.id)) {
        location.assign(`/app${returnTo}`);
        return;
      }
      changeSession(client, session);
      navigate(returnTo, { replace: true });
    },
    onError: (error) => {
      if (error instanceof Problem && error.status === 429) setWait(error.retryAfter || 30);
      if (error instanceof Problem && error.status === 401) form.current?.querySelector<HTMLInputElement>("[name=password]")?.select();
    },
  });

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const entry = new FormData(event.currentTarget);
    const email = String(entry.get("email")).trim();
    const password = String(entry.get("password"));
    const lacks = { email: email ? undefined : words.login.needEmail, password: password ? undefined : words.login.needPassword };
    setMissing(lacks);
    const first = lacks.email ? "email" : lacks.password ? "password" : null;
    if (first) event.currentTarget.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus();
    else signIn.mutate({ email, password });
  };

  return (
    <main className={css.page}>
      <form className={css.card} onSubmit={submit} noValidate ref={form}>
        <div className={css.head}>
          <Mark size={36} />
          <h1>{words.login.title}</h1>
          <p>{words.login.lead}</p>
        </div>
        <div role="alert">
          {expired && !signIn.isError && <p className={css.expired}>{words.login.expired}</p>}
          {signIn.isError && (
            <p className={css.error}>
              <Icon name="alert" />
              <span>{wait > 0 ? `${words.errors.tooMany(null)} ${words.login.wait(wait)}` : reasonOf(signIn.error)}</span>
            </p>
          )}
        </div>
        <TextInput size="md" name="email" type="email" label={words.login.email} autoComplete="username" inputMode="email" error={missing.email} />
        <PasswordInput size="md" name="password" label={words.login.password} autoComplete="current-password" error={missing.password} />
        <Button type="submit" size="md" loading={signIn.isPending} disabled={wait > 0}>
          {words.login.submit}
        </Button>
        <p className={css.help}>{words.login.help}</p>
      </form>
    </main>
  );
}
