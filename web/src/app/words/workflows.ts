/** The words of the pages about workflows. */
import { language } from "./en";
import { pluralIn } from "./plural";

const plural = pluralIn(language);

export const workflowWords = {
  nav: "Workflows",
  title: "Workflows",
  lead: "What is done step by step when a customer wants something: what has to be known, what is looked up, what is proposed, and when a person takes over. No model is needed.",
  empty: "There are no workflows yet",
  emptyText: "A workflow answers “where is my order?” from your own records. The first one starts from a small example.",
  add: "New workflow",
  backTo: "All workflows",
  intents: "Begins with",
  noIntents: "No intent begins it",
  version: (n: number) => `Version ${n}`,
  by: (author: string) => `by ${author}`,
  warnings: (n: number) => plural(n, { one: "# thing would not work", other: "# things would not work" }),
  tabs: { document: "Document", history: "History" },

  edit: {
    newTitle: "New workflow",
    label: "The workflow, as YAML",
    hint: "It is checked while you write.",
    checking: "Checking…",
    fine: "Nothing is wrong with it.",
    errors: (n: number) => plural(n, { one: "# mistake", other: "# mistakes" }),
    line: (n: number) => `Line ${n}`,
    warned: "As it stands, this would not work",
    save: (n: number) => `Save as version ${n}`,
    discard: "Discard",
    unsaved: "Not saved yet",
    saved: (n: number) => `Saved. Version ${n} is in force; what is under way goes on as it began.`,
    renamed: (name: string) => `The document has another name than this workflow. Name it ${name}, or save it as a new one.`,
    overtaken: "Somebody else saved a version meanwhile. Yours is still here.",
    theirs: "Look at theirs",
    remove: "Remove this workflow",
    removeText: "It begins no more. What is under way goes on, and its history stays.",
    removed: (name: string) => `${name} was removed.`,
    example: `name: my_workflow
title: Where is my order
description: Says where an order is, from your own records.
intents: [order_status]
identity: verified
slots:
  order_id:
    ask: Which order is it about?
    pattern: '[0-9]{4}'
    from: [message, history]
steps:
  - ask: order_id
  - look_up: get_order
    with: {order_id: "{order_id}"}
    as: order
    missing:
      - reply: I cannot find order {order_id} in your account.
      - again: order_id
  - reply: "Your order {order.order_id} is {order.status}."
`,
  },

  try: {
    title: "Try it",
    lead: "As it stands in the document, saved or not. Look-ups are really done for the customer; nothing is proposed or changed.",
    messages: "Messages of the customer",
    hint: "One a line, at most 20",
    as: "The customer is",
    nobody: "Nobody we know",
    identity: "And is",
    page: "Page they are on (optional)",
    run: "Try it",
    begins: "This message would begin it",
    beginsNot: "This message would not begin it by itself",
    customer: "Customer",
    assistant: "Assistant",
    lookedUp: (action: string, outcome: string) => `Looked up ${action}: ${outcome}`,
    wouldPropose: (action: string, outcome: string) => `Would propose ${action}: ${outcome}`,
    refusedBy: (rule: string) => `refused, ${rule.toLowerCase()}`,
    proposes: "Would propose",
    handsOver: "Hands over to a person",
    needs: { verified: "The customer has to sign in first", stepped_up: "A one-time code is asked for first" } as Record<string, string>,
    over: "It ends here.",
    left: (n: number) => plural(n, { one: "One message after that was not looked at.", other: "# messages after that were not looked at." }),
    outcomes: { found: "found", missing: "nothing found", no_answer: "no answer", refused: "refused", proposed: "fits" } as Record<string, string>,
  },

  history: {
    inForce: "In force",
    removed: "Removed",
    first: "The first version",
    restore: "Put in force again",
    restoreTitle: (n: number) => `Put version ${n} in force again?`,
    restoreText: "It becomes a new version. Nothing is lost: every version stays here.",
    restored: (n: number) => `Version ${n} is in force.`,
  },
};
