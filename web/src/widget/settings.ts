/**
 * What the page says about this widget, read once while the script runs:
 * `<script src="https://host/widget.js" data-key="wk_…" [data-identity="<jwt>"] [data-lang="de"] [data-color="#rrggbb"] defer>`.
 *
 * On the page `/chat/<key>` the key stands in a meta element and the widget fills the page.
 */

import { wordsFor } from "./words";

const script = document.currentScript as HTMLScriptElement | null;
const meta = document.querySelector<HTMLMetaElement>('meta[name="tandem-key"]');
const data = script?.dataset ?? {};

export const key = data.key ?? meta?.content ?? "";
export const identity = data.identity;
/** The brand's colour until the server has said it. */
export const { color } = data;
/** A page of its own: always open, no launcher. */
export const page = !!meta;
/** Where the API is: where the script came from. */
export const origin = new URL(script?.src || location.href).origin;
export const { lang, words } = wordsFor([data.lang, document.documentElement.lang, ...navigator.languages]);
