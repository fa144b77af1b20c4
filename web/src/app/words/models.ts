/** The words about language models: in which mode the assistant works, what it costs, and whose keys are used. */
import type { Mode } from "../api/models";
import { language } from "./en";
import { pluralIn } from "./plural";

const plural = pluralIn(language);

/** Of each mode its name, and what happens in it. */
export const modeNames: Record<Mode, [string, string]> = {
  full: ["Full", "The assistant answers, looks things up, and changes what customers confirm."],
  "no-actions": ["No actions", "Answers and look-ups go on. Nothing is changed in your systems, and cards that are open cannot be confirmed."],
  "quotation-only": ["Quotation only", "No language model is asked. Customers get exact sentences from your articles; nothing is changed."],
  "people-only": ["People only", "Every message goes to a person from your team."],
  "take-a-message": ["Take a message", "Every message waits for your team. Customers are told that nobody can answer just now, and may leave an address."],
};

export const modelWords = {
  nav: "Models",
  title: "Models",
  lead: "How far the assistant goes just now, which language models it asks, and what they cost.",
  needAdmin: "Only admins see the models and what they cost.",

  banner: {
    line: (mode: Mode, why: string) => `${modeNames[mode][0]}: ${why}`,
    soft: "Most of today's budget for language models is spent: models write answers and nothing else.",
    more: "Models",
  },

  mode: {
    title: "Mode",
    now: "Now",
    why: "Why",
    chosen: "Chosen",
    choose: "The assistant goes at most as far as",
    hint: "What is broken or used up can only make it less. Customers read a line about every mode but the first.",
    save: "Switch",
    saved: (mode: Mode) => `Switched to “${modeNames[mode][0]}”.`,
    same: "This is chosen already.",
  },

  today: {
    title: "Today",
    lead: "Since midnight, UTC.",
    calls: "Calls",
    tokens: "Tokens",
    cost: "Cost",
    none: "No budget is set.",
    ofTokens: (share: string, most: string) => `${share} of ${most} tokens`,
    ofCost: (share: string, most: string) => `${share} of ${most}`,
    soft: "At the soft limit models are asked for answers alone.",
    change: "Change the budget in the rules",
    level: { within: "Within the budget", soft: "Soft limit reached", hard: "Spent" },
  },

  states: {
    title: "Language models",
    none: "No language model is set up: the assistant answers with exact quotations from your articles. Whoever runs Tandem sets one up with TANDEM_MODEL.",
    model: "Model",
    roles: "Asked for",
    state: "State",
    since: "Since",
    names: { closed: "Answers", open: "Left alone", half_open: "About to be tried" } as Record<string, string>,
    last: (failure: string) => `Last failure: ${failure}`,
    closed: "Saved today",
  },

  roles: {
    draft: "Answers",
    classify: "What a message is about",
    summarise: "Summaries for people",
    judge: "Doubtful sentences",
    rewrite: "Follow-up questions",
  } as Record<string, string>,

  spending: {
    title: "What it cost",
    by: "By",
    over: "Over",
    names: { day: "Day", role: "Job", model: "Model", conversation: "Conversation" },
    days: (count: number) => plural(count, { one: "the last day", other: "the last # days" }),
    calls: "Calls",
    failed: "Failed",
    input: "Tokens in",
    output: "Tokens out",
    cost: "Cost",
    time: "Mean time",
    total: "All",
    none: "No language model was asked in this time.",
    noConversation: "None",
    open: (at: number) => `Conversation ${at}`,
    unpriced: (count: number) => plural(count, { one: "Of one call the price is not known.", other: "Of # calls the price is not known." }),
    perResolution: "A resolved ticket",
    resolved: (assistant: number, people: number) => `${assistant} resolved by the assistant, ${people} by people`,
  },

  keys: {
    title: "Your own keys",
    lead: "With a key of your own your provider bills you. It is kept sealed, used from the next message on, and never shown again. Without one the keys of whoever runs Tandem are used.",
    none: "You have no keys of your own here.",
    provider: "Provider",
    key: "Key",
    add: "Save the key",
    saved: (provider: string) => `The key for ${provider} is in use.`,
    ends: (last4: string) => `ends in ${last4}`,
    made: (author: string, when: string) => `Set by ${author}, ${when}`,
    remove: "Remove",
    removeTitle: (provider: string) => `Remove the key for ${provider}?`,
    removeText: "From the next message on the key of whoever runs Tandem is used again, where they have one.",
    removed: "The key is removed.",
    names: { openai: "OpenAI", anthropic: "Anthropic", google: "Google", bedrock: "Amazon Bedrock" } as Record<string, string>,
  },

  ticket: {
    title: "Language models",
    cost: "This conversation",
    ofTicket: "This ticket",
    tokens: (count: string) => `${count} tokens`,
  },

  why: {
    title: "Models asked",
    mode: "Mode",
    estimated: "estimated",
    outcome: { ok: "Answered", stopped: "Stopped" } as Record<string, string>,
    facts: (input: string, output: string) => `${input} tokens in, ${output} out`,
  },
};
