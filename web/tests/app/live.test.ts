/** What live events do to the moment, and how patient the stream is. */
import { describe, expect, test, vi } from "vitest";
import type { LiveEvent } from "../../src/app/live/events";
import { TYPING_MS, VIEWING_MS, after, faded, nothing } from "../../src/app/live/moment";
import { atMost } from "../../src/app/live/patch";
import { pause } from "../../src/app/live/stream";
import { own } from "../../src/app/ownership";
import { bo, message } from "./cast";

const where = { conversation_id: "cnv_1", ticket_id: "tkt_1" };
const delta = (text: string, turn_id = "trn_1"): LiveEvent => ({ name: "delta", data: { ...where, turn_id, message_id: "msg_1", text } });
const all = (...events: LiveEvent[]) => events.reduce((now, event) => after(now, event, 1_000), nothing);

describe("an answer being written", () => {
  test("grows, starts anew when told, and ends with the message", () => {
    expect(all(delta("One."), delta(" Two.")).writing.cnv_1?.text).toBe("One. Two.");
    expect(all(delta("One."), { name: "restarted", data: { ...where, turn_id: "trn_1" } }, delta("Anew.")).writing.cnv_1?.text).toBe("Anew.");
    expect(all(delta("One."), { name: "done", data: { ...where, turn_id: "trn_1", message: message() } }).writing).toEqual({});
  });
  test("of another turn does not mix with the last one", () => {
    expect(all(delta("Old."), delta("New.", "trn_2")).writing.cnv_1?.text).toBe("New.");
  });
  test("ends when a person joins", () => {
    expect(all(delta("One."), { name: "joined", data: { ...where, agent: bo } }).writing).toEqual({});
  });
});

describe("typing and viewing", () => {
  const typing: LiveEvent = { name: "typing", data: { conversation_id: "cnv_1", role: "customer", name: null } };
  const viewing: LiveEvent = { name: "viewing", data: { ticket_id: "tkt_1", member: bo, state: "replying" } };
  test("fade by themselves", () => {
    const now = all(typing, viewing);
    expect(faded(now, 1_000)).toBe(now);
    expect(faded(now, 1_000 + TYPING_MS).typing).toEqual({});
    expect(faded(now, 1_000 + VIEWING_MS).viewers.tkt_1).toEqual({});
  });
  test("typing ends with the message", () => {
    expect(all(typing, { name: "message", data: { ...where, message: message() } }).typing).toEqual({});
  });
});

test("pauses grow to a limit and are spread", () => {
  expect(pause(0, 0)).toBe(500);
  expect(pause(3, 0)).toBe(4_000);
  expect(pause(99, 0)).toBe(15_000);
  expect(pause(99, 1)).toBe(20_000);
});

test("work asked for often runs at once, then once more", () => {
  vi.useFakeTimers();
  const work = vi.fn();
  const run = atMost(1_000, work);
  run();
  run();
  run();
  expect(work).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1_000);
  expect(work).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(5_000);
  expect(work).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});

test("another member who signs in finds nothing of the last one's", () => {
  const kept: Record<string, string> = { "tandem.draft.tkt_1.reply": "Dear", "tandem.sound": "true", other: "1" };
  const storage = Object.defineProperties(kept, {
    getItem: { value: (name: string) => kept[name] ?? null },
    setItem: { value: (name: string, value: string) => void (kept[name] = value) },
    removeItem: { value: (name: string) => void delete kept[name] },
  }) as unknown as Storage;
  expect(own("mbr_ann", storage)).toBe(false);
  expect(own("mbr_ann", storage)).toBe(false);
  expect(kept["tandem.draft.tkt_1.reply"]).toBe("Dear");
  expect(own("mbr_bo", storage)).toBe(true);
  expect(Object.keys(kept).toSorted()).toEqual(["other", "tandem.member", "tandem.sound"]);
});
