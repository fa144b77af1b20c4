/**
 * @jsxRuntime classic
 * @jsx h
 */
/** How the customer was served, in stars and words. */

import { h } from "../draw";
import { Form } from "./form";
import { kit, words } from "./use";

const STAR = "m12 4 2 6h6l-5 4 2 6-5-4-5 4 2-6-5-4h6z";

export function RatingForm({ conversation }: { conversation: string }) {
  return (
    <Form
      wrong={words.rate}
      send={async (value) => {
        const rating = Number(value("rating"));
        await kit.json("/v1/feedback", { conversation_id: conversation, rating, free_text: value("comment") || undefined });
        kit.hear({ id: 0, name: "rated", data: { score: rating } });
      }}
    >
      <fieldset>
        <legend>{words.rate}</legend>
        <div class="stars">
          {[1, 2, 3, 4, 5].map((score) => (
            <label>
              <input type="radio" name="rating" value={score} required aria-label={words.stars.replace("{}", `${score}`)} />
              <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d={STAR} />
              </svg>
              <span aria-hidden="true">{score}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <label>
        {words.comment}
        <textarea name="comment" rows="2" dir="auto" />
      </label>
    </Form>
  );
}
