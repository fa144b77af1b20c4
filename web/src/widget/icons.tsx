/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
/** The widget's pictures: strokes on a 24 px grid, in the colour of the text around them. Never spoken. */

import { h } from "./draw";

const paths = {
  chat: "M4 5h16v12h-9l-5 4v-4H4z",
  fold: "m6 9 6 6 6-6",
  close: "m6 6 12 12M18 6 6 18",
  list: "M4 7h16M4 12h16M4 17h9",
  back: "m15 6-6 6 6 6",
  send: "M12 19V6m-6 6 6-6 6 6",
  person: "M12 11a3 3 0 1 0 0-7 3 3 0 0 0 0 7zm-7 9c0-8 14-8 14 0",
  spark: "M12 4q1 7 8 8-7 1-8 8-1-7-8-8 7-1 8-8z",
  thumb: "M8 11v8H5v-8zl4-7q3 0 2 6h4q2 0 2 2l-1 5q-1 2-3 2H8",
};

export type Picture = keyof typeof paths;

export function Icon({ of }: { of: Picture }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[of]} />
    </svg>
  );
}

/** A button that is only a picture: its name is spoken, and shown on hovering. */
export function IconButton({ of, label, onClick, ...more }: { of: Picture; label: string; onClick: () => void; [aria: string]: unknown }) {
  return (
    <button type="button" class="icon" {...more} aria-label={label} title={label} onClick={onClick}>
      <Icon of={of} />
    </button>
  );
}
