/** What a change does to answers that are still on their way. */
import { QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { makeClient } from "../../src/app/api/client";

/** A server that answers when it is told to, with what was true when it was asked. */
function slowServer() {
  const asked: ((value: number) => void)[] = [];
  return { asked, ask: () => new Promise<number>((answer) => asked.push(answer)) };
}

test("a change that happens during the first answer is asked for after it", async () => {
  const client = makeClient();
  const server = slowServer();
  const watched = new QueryObserver(client, { queryKey: ["documents", "list"], queryFn: server.ask });
  const stop = watched.subscribe(() => undefined);
  expect(server.asked).toHaveLength(1);
  void client.invalidateQueries({ queryKey: ["documents"] });
  void client.invalidateQueries({ queryKey: ["documents"] });
  server.asked[0]?.(68);
  await expect.poll(() => server.asked.length).toBe(2);
  expect(watched.getCurrentResult().data).toBe(68);
  server.asked[1]?.(69);
  await expect.poll(() => watched.getCurrentResult().data).toBe(69);
  expect(server.asked).toHaveLength(2);
  stop();
  client.clear();
});
