/**
 * @jsxRuntime classic
 * @jsx h
 */
/** Where a customer leaves an address for the answer. */

import { h } from "../draw";
import { Form } from "./form";
import { kit, words } from "./use";

export function ContactForm() {
  return (
    <Form card="part" send={(value) => kit.leaveEmail(value("email"))} wrong={words.emailBad}>
      <label>
        {words.email}
        <input type="email" name="email" autocomplete="email" required dir="ltr" />
      </label>
    </Form>
  );
}
