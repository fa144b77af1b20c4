/** The widget's small pure parts: pauses, the outbox, words and identities. */
import { expect, test } from "vitest";
import { subjectOf } from "../../src/widget/identity";
import { adopt, mark, settled, write } from "../../src/widget/outbox";
import { pause } from "../../src/widget/pause";
import { counted, en, fill, wordsFor } from "../../src/widget/words";

test("pauses double to half a minute and are spread over their second half", () => {
  expect([1, 2, 3, 20].map((tries) => pause(tries, () => 0))).toEqual([250, 500, 1000, 15_000]);
  expect([1, 2, 3, 20].map((tries) => pause(tries, () => 1))).toEqual([500, 1000, 2000, 30_000]);
});

test("what is written stays in the outbox until the conversation shows it", () => {
  let box = write(write([], "a", "one", null), "b", "two", null);
  box = mark(adopt(box, null, "cnv"), "b", "failed", "No.");
  expect(box).toEqual([
    { client_message_id: "a", text: "one", conversation: "cnv", state: "sending" },
    { client_message_id: "b", text: "two", conversation: "cnv", state: "failed", detail: "No." },
  ]);
  expect(settled(box, [{ client_message_id: null }])).toHaveLength(2);
  expect(settled(box, [{ client_message_id: "a" }]).map((one) => one.client_message_id)).toEqual(["b"]);
});

test.each([
  [["de-AT"], "de"],
  [[undefined, "", "fr", "de"], "de"],
  [["en-GB", "de"], "en"],
  [["fr"], "en"],
  [[], "en"],
])("the words for %j are %s", (wanted, lang) => {
  expect(wordsFor(wanted).lang).toBe(lang);
});

test("every language says everything, with the same values in it", () => {
  const { words: de } = wordsFor(["de"]);
  const flat = (value: object): [string, string][] =>
    Object.entries(value).flatMap(([key, one]: [string, unknown]) =>
      typeof one === "object" && one ? flat(one).map(([inner, text]): [string, string] => [`${key}.${inner}`, text]) : [[key, String(one)]],
    );
  const english = flat(en);
  const german = new Map(flat(de));
  expect([...german.keys()].toSorted()).toEqual(english.map(([key]) => key).toSorted());
  for (const [key, text] of english) {
    expect(german.get(key), key).toBeTruthy();
    expect(german.get(key)?.includes("{}"), key).toBe(text.includes("{}"));
  }
});

test("numbers and names go into sentences", () => {
  expect(fill("{} has joined", "Bo")).toBe("Bo has joined");
  expect(counted("en", en.unread, 1)).toBe("1 new message");
  expect(counted("en", en.unread, 2)).toBe("2 new messages");
});

test("it reads whom an identity is about, and nothing from what is not one", () => {
  const jwt = `x.${btoa(JSON.stringify({ sub: "cy" })).replace(/=+$/, "")}.y`;
  expect(subjectOf(jwt)).toBe("cy");
  expect([undefined, "", "a.b.c", "nonsense"].map(subjectOf)).toEqual([null, null, null, null]);
});
