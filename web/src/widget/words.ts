/**
 * Every sentence the widget says, by language. `{}` stands for the one value a sentence takes.
 *
 * A language is complete or it does not compile. Sentences of the tenant (greeting, notice, starters) come from
 * the server and are not here.
 */

export interface Plural {
  one: string;
  other: string;
}

export const en = {
  open: "Open chat",
  close: "Close chat",
  chat: "Chat with {}",
  unread: { one: "{} new message", other: "{} new messages" } as Plural,
  conversations: "Your conversations",
  noConversations: "Nothing yet.",
  newConversation: "Start a new conversation",
  back: "Back to the conversation",
  whole: "Show only complete answers",
  assistant: "Assistant",
  withPerson: "You are talking to {}",
  waiting: "Waiting for a person",
  ended: "Resolved",
  person: "Talk to a person",
  called: "Person called",
  here: "With a person",
  personCalling: "Calling a person…",
  personKept: "We will call a person as soon as the connection is back.",
  notice: "You are chatting with an AI assistant. A person is one click away.",
  log: "Messages",
  you: "You said",
  write: "Write a message",
  send: "Send",
  stop: "Stop writing",
  tooLong: { one: "{} character too many", other: "{} characters too many" } as Plural,
  latest: "Newest messages",
  sending: "Sending…",
  sent: "Sent",
  kept: "Kept on this device; sent when the connection is back.",
  failed: "Not sent.",
  retry: "Try again",
  lost: "No connection. What you write is kept on this device.",
  loading: "Loading…",
  wrong: "Something went wrong on our side.",
  steps: { retrieve: "Looking it up…", draft: "Writing…" } as Record<string, string>,
  thinking: "Thinking…",
  typing: "{} is writing…",
  propose: "Would you rather talk to a person?",
  queue: "You are number {} in the queue.",
  soon: "A person has been told and will be with you soon.",
  wait: "About {} to wait.",
  away: "Nobody is here right now. A person will answer you by e-mail.",
  left_email: "A person will write to {}. You can close this window.",
  joined: "{} has joined",
  handed_back: "The assistant is back",
  resolved: "This was marked as resolved",
  reopened: "The conversation is open again",
  again: "Not solved? Just write again.",
  helpful: "This helped",
  unhelpful: "This did not help",
  sources: "Sources",
  source: "Source {}",
  version: "Version {}",
  openSource: "Open the page",
};

export type Words = typeof en;

const de: Words = {
  open: "Chat öffnen",
  close: "Chat schließen",
  chat: "Chat mit {}",
  unread: { one: "{} neue Nachricht", other: "{} neue Nachrichten" },
  conversations: "Ihre Gespräche",
  noConversations: "Noch nichts.",
  newConversation: "Neues Gespräch",
  back: "Zurück zum Gespräch",
  whole: "Nur vollständige Antworten zeigen",
  assistant: "Assistent",
  withPerson: "Sie sprechen mit {}",
  waiting: "Sie warten auf einen Menschen",
  ended: "Gelöst",
  person: "Mit einem Menschen sprechen",
  called: "Jemand kommt",
  here: "Mit einem Menschen",
  personCalling: "Wir rufen jemanden …",
  personKept: "Wir rufen jemanden, wenn die Verbindung wieder da ist.",
  notice: "Sie schreiben mit einem KI-Assistenten. Ein Mensch ist einen Klick entfernt.",
  log: "Nachrichten",
  you: "Sie schrieben",
  write: "Nachricht schreiben",
  send: "Senden",
  stop: "Schreiben anhalten",
  tooLong: { one: "{} Zeichen zu viel", other: "{} Zeichen zu viel" },
  latest: "Neueste Nachrichten",
  sending: "Wird gesendet …",
  sent: "Gesendet",
  kept: "Hier aufgehoben; es wird gesendet, sobald die Verbindung wieder da ist.",
  failed: "Nicht gesendet.",
  retry: "Noch einmal versuchen",
  lost: "Keine Verbindung. Was Sie schreiben, wird hier aufgehoben.",
  loading: "Wird geladen …",
  wrong: "Bei uns ist etwas schiefgegangen.",
  steps: { retrieve: "Sucht …", draft: "Schreibt …" },
  thinking: "Denkt nach …",
  typing: "{} schreibt …",
  propose: "Möchten Sie lieber mit einem Menschen sprechen?",
  queue: "Sie sind Nummer {} in der Warteschlange.",
  soon: "Jemand weiß Bescheid und ist bald bei Ihnen.",
  wait: "Etwa {} Wartezeit.",
  away: "Gerade ist niemand da. Ein Mensch antwortet Ihnen per E-Mail.",
  left_email: "Ein Mensch schreibt Ihnen an {}. Sie können dieses Fenster schließen.",
  joined: "{} ist jetzt dabei",
  handed_back: "Der Assistent ist wieder da",
  resolved: "Als gelöst markiert",
  reopened: "Das Gespräch ist wieder offen",
  again: "Nicht gelöst? Schreiben Sie einfach weiter.",
  helpful: "Das hat geholfen",
  unhelpful: "Das hat nicht geholfen",
  sources: "Quellen",
  source: "Quelle {}",
  version: "Fassung {}",
  openSource: "Seite öffnen",
};

const catalogue: Record<string, Words | undefined> = { en, de };

/** The words for the first wanted language we have, English at last, and that language's code. */
export function wordsFor(wanted: readonly (string | undefined)[]): { lang: string; words: Words } {
  const lang = wanted.map((tag) => tag?.slice(0, 2)).find((code) => code && catalogue[code]) ?? "en";
  return { lang, words: catalogue[lang] ?? en };
}

/** The sentence with its one value in place. */
export function fill(sentence: string, value: string | number): string {
  return sentence.split("{}").join(String(value));
}

/** The sentence for `count` in the plural form of the language, with the number in place. */
export function counted(lang: string, forms: Plural, count: number): string {
  return fill(forms[new Intl.PluralRules(lang).select(count) as "one"], count);
}
