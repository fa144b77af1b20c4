/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
/**
 * What few conversations need, in a file of its own that is fetched when one does: cards to confirm, codes, addresses, the rating,
 * and the line that says what is switched off.
 *
 * Draws what the thread says with what the widget's script lends it.
 */

import { Fragment, h, type Child } from "../draw";
import type { Thread } from "../thread";
import { fold, type Acts, type Line } from "./acts";
import { CardView } from "./card";
import { CodeField } from "./code";
import { ContactForm } from "./contact";
import type { Kit, Later } from "./kit";
import styles from "./later.css?inline";
import { RatingForm } from "./rating";
import { use, words } from "./use";

export function begin(lent: Kit): Later {
  use(lent);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  document.querySelector("tandem-chat")?.shadowRoot?.adoptedStyleSheets.push(sheet);
  return { behind, end, contact: () => <ContactForm />, note: (mode) => words.modes[mode ?? ""] };
}

let last: { thread: Thread; acts: Acts } | null = null;

/** Asked for every message of every drawing, so folded once for each thread. */
function actsOf(thread: Thread): Acts {
  if (last?.thread !== thread) last = { thread, acts: fold(thread.acts, thread.messages) };
  return last.acts;
}

function behind(thread: Thread, at: number): Child {
  const { cards, lines, code } = actsOf(thread);
  return [
    cards.map((card) => card.behind === at && <CardView key={card.action_id} card={card} />),
    lines.map((line) => line.behind === at && <p class="line">{sentence(line)}</p>),
    code === at && thread.status === "ai" && <CodeField conversation={thread.id} />,
  ];
}

const sentence = ({ state, sent_to }: Line): string => (words[state] ?? "").replace("{}", sent_to);

function end({ id, askRating, score }: Thread): Child {
  return (
    <>
      {askRating && <RatingForm conversation={id} />}
      {score && <p class="line">{words.thanks}</p>}
    </>
  );
}

