/** Live events and answers that overtake each other: what is shown in the end is what was true last. */
import { InfiniteQueryObserver, QueryObserver } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { makeClient } from "../../src/app/api/client";
import { keys } from "../../src/app/api/keys";
import type { TicketPage, TicketRow } from "../../src/app/api/types";
import { catchingUp, patcher } from "../../src/app/live/patch";
import { ann, pages, row } from "./cast";

/** A server that answers when it is told to. */
function slowServer<T>() {
  const asked: ((value: T) => void)[] = [];
  return { asked, ask: () => new Promise<T>((answer) => asked.push(answer)) };
}

const page = (...items: TicketRow[]): TicketPage => pages(...items).pages[0] as TicketPage;

/** The list of who waits, open before somebody, and what it shows. */
function openList() {
  const client = makeClient();
  const server = slowServer<TicketPage>();
  const list = new InfiniteQueryObserver(client, { queryKey: keys.list("waiting", ""), queryFn: server.ask, initialPageParam: null, getNextPageParam: () => null });
  const stop = list.subscribe(() => undefined);
  const shown = (): string[] | undefined => list.getCurrentResult().data?.pages.flatMap((one) => one.items.map((item) => item.subject));
  const close = (): void => {
    stop();
    client.clear();
  };
  return { client, server, shown, close };
}

test("a ticket that comes during the list's first answer is in the list", async () => {
  const { client, server, shown, close } = openList();
  patcher(client)({ name: "ticket", data: { ticket: row() } });
  server.asked[0]?.(page());
  await expect.poll(() => server.asked.length).toBe(2);
  server.asked[1]?.(page(row()));
  await expect.poll(shown).toEqual(["Refund"]);
  close();
});

test("an older answer does not undo what an event has told", async () => {
  const { client, server, shown, close } = openList();
  server.asked[0]?.(page(row()));
  await expect.poll(shown).toEqual(["Refund"]);
  void client.invalidateQueries({ queryKey: keys.lists });
  await expect.poll(() => server.asked.length).toBe(2);
  patcher(client)({ name: "ticket", data: { ticket: row({ subject: "Refund, twice" }) } });
  server.asked[1]?.(page(row()));
  await expect.poll(() => server.asked.length).toBe(3);
  server.asked[2]?.(page(row({ subject: "Refund, twice" })));
  await expect.poll(shown).toEqual(["Refund, twice"]);
  close();
});

test("a colleague who comes during the first answer is there", async () => {
  const client = makeClient();
  const server = slowServer<{ items: { id: string; presence: string }[] }>();
  const watched = new QueryObserver(client, { queryKey: keys.members, queryFn: server.ask });
  const stop = watched.subscribe(() => undefined);
  const member = { ...ann, email: "ann@acme.example", role: "admin" as const };
  patcher(client)({ name: "presence", data: { member, state: "online" } });
  server.asked[0]?.({ items: [{ id: ann.id, presence: "offline" }] });
  await expect.poll(() => server.asked.length).toBe(2);
  server.asked[1]?.({ items: [{ id: ann.id, presence: "online" }] });
  await expect.poll(() => watched.getCurrentResult().data?.items[0]?.presence).toBe("online");
  stop();
  client.clear();
});

test("what happened before the stream was open is asked for once it is", async () => {
  const { client, server, shown, close } = openList();
  const forget = vi.fn();
  const state = catchingUp(client, forget);
  state("connecting");
  server.asked[0]?.(page());
  await expect.poll(shown).toEqual([]);
  expect(server.asked).toHaveLength(1); // and now a ticket comes, of which no event tells
  state("live");
  await expect.poll(() => server.asked.length).toBe(2);
  server.asked[1]?.(page(row()));
  await expect.poll(shown).toEqual(["Refund"]);
  state("live");
  expect(server.asked).toHaveLength(2);
  expect(forget).not.toHaveBeenCalled();

  state("reconnecting");
  state("live");
  expect(forget).toHaveBeenCalledTimes(1);
  await expect.poll(() => server.asked.length).toBe(3);
  close();
});

test("a first answer that failed is not asked for again by itself", async () => {
  const client = makeClient();
  const ask = vi.fn(() => Promise.reject(new Error("no")));
  const watched = new QueryObserver(client, { queryKey: keys.documents, queryFn: ask, retry: false });
  const stop = watched.subscribe(() => undefined);
  await client.invalidateQueries({ queryKey: keys.documents });
  await expect.poll(() => watched.getCurrentResult().status).toBe("error");
  await new Promise((done) => setTimeout(done, 0));
  expect(ask).toHaveBeenCalledTimes(1);
  stop();
  client.clear();
});
