/** The stream parser: whatever the pieces, the same events. */
import { expect, test } from "vitest";
import { eventParser, readEvents, type SentEvent } from "../../src/shared/sse";

const wire =
  ": hello\n\nid: 7\nevent: delta\ndata: {\"text\":\"Grüße 🏕️\"}\n\n" +
  "event:typing\r\ndata: one\r\ndata: two\r\n\r\nid: 8\rdata\r\rid: 9\n\ndata: unfinished";

const events: SentEvent[] = [
  { id: "7", name: "delta", data: '{"text":"Grüße 🏕️"}' },
  { id: "", name: "typing", data: "one\ntwo" },
  { id: "8", name: "message", data: "" },
];

test("it reads events, comments, every kind of line end and data of several lines", () => {
  expect(eventParser()(wire)).toEqual(events);
});

test("it gives the same events wherever the text is cut", () => {
  for (let at = 0; at <= wire.length; at++) {
    const parse = eventParser();
    expect([...parse(wire.slice(0, at)), ...parse(wire.slice(at))]).toEqual(events);
  }
});

test("it reads a response byte by byte, characters of several bytes included", async () => {
  const bytes = new TextEncoder().encode(wire);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const found: SentEvent[] = [];
  let heard = 0;
  await readEvents(new Response(body), (event) => found.push(event), () => heard++);
  expect(found).toEqual(events);
  expect(heard).toBe(bytes.length);
});

test("it rejects when the connection is cut", async () => {
  const body = new ReadableStream({ start: (controller) => controller.error(new TypeError("cut")) });
  await expect(readEvents(new Response(body), () => {})).rejects.toThrow("cut");
});
