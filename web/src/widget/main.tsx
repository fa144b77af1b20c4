/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
/**
 * The way in: the custom element `<tandem-chat>`, a shadow root with its own styles around the widget.
 *
 * A host page's `* { … !important }` reaches the element itself but nothing inside it, so position, type and
 * direction stand on an inner wrapper. Styles are constructed, which no Content-Security-Policy forbids.
 */

import tokens from "../shared/tokens.css?inline";
import { brandProperties } from "./brand";
import * as chat from "./chat";
import { fitField } from "./composer";
import { draw, h } from "./draw";
import { fetchLater } from "./later";
import { scrollAlong } from "./log";
import { Widget } from "./panel";
import { color, key, lang, page } from "./settings";
import styles from "./widget.css?inline";

function begin(host: HTMLElement): void {
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(tokens + styles);
  root.adoptedStyleSheets = [sheet];
  const wrapper = document.createElement("div");
  wrapper.className = "tandem";
  wrapper.lang = lang;
  wrapper.dir = getComputedStyle(document.documentElement).direction;
  root.append(wrapper);

  let waiting = false;
  const paint = (): void => {
    waiting = false;
    for (const property of brandProperties(chat.config?.brand_color ?? color)) wrapper.style.setProperty(...property);
    draw(wrapper, <Widget />);
    fitField();
    scrollAlong();
    fetchLater();
  };
  chat.start(() => {
    if (!waiting) queueMicrotask(paint);
    waiting = true;
  });
  if (page) chat.open();
}

/** Puts the widget into the page, once. */
function place(): void {
  if (customElements.get("tandem-chat")) return;
  customElements.define(
    "tandem-chat",
    class extends HTMLElement {
      connectedCallback(): void {
        if (!this.shadowRoot) begin(this);
      }
    },
  );
  document.body.append(document.createElement("tandem-chat"));
}

if (key) {
  if (document.body) place();
  else addEventListener("DOMContentLoaded", place);
}
