/** The app's own small set of line drawings, 16 x 16, in the colour of the text. Always decoration: words name things. */

const drawings = {
  inbox: "M2.5 9.5h3l1 2h3l1-2h3M4 3.5h8l1.5 6v3h-11v-3z",
  book: "M3 3h4a1.5 1.5 0 0 1 1 .5A1.5 1.5 0 0 1 9 3h4v9.5H9a1 1 0 0 0-1 .5 1 1 0 0 0-1-.5H3zM8 3.5V13",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M10.4 10.4 14 14",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5 6.5 12 13 4.5",
  down: "M4 6l4 4 4-4",
  back: "M10 3.5 5.5 8l4.5 4.5",
  send: "M2.5 3l11 5-11 5 1.8-5zM4.3 8h4.2",
  note: "M3 2.5h10v7l-3.5 4H3zM9.5 13.5v-4H13M5.5 5.5h5M5.5 8h2.5",
  assistant: "M8 2v2M4 4.5h8v7H4zM2.5 7v2.5M13.5 7v2.5M6.4 7.3v1.2M9.6 7.3v1.2M6 13.5h4",
  person: "M8 2.5a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2M3 13.5c.4-2.6 2.4-4 5-4s4.600 1.400 5 4",
  people: "M6 3a2.200 2.200 0 1 1 0 4.400A2.200 2.200 0 0 1 6 3M2 13c.3-2.400 1.900-3.600 4-3.600s3.700 1.200 4 3.600M10.500 3.200a2 2 0 0 1 0 4M11.500 9.600c1.500.3 2.300 1.600 2.500 3.400",
  upload: "M8 10.500V3M4.800 6 8 2.800 11.200 6M3 10.500v2.500h10v-2.500",
  plus: "M8 3v10M3 8h10",
  alert: "M8 2.500 14 13H2zM8 6.500v3M8 11.200v.3",
  clock: "M8 2.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11M8 5v3.300l2.200 1.300",
  info: "M8 2.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11M8 7.300v3.400M8 5.100v.3",
  open: "M6.500 3.500H3v9.500h9.500V9.500M9 2.500h4.500V7M13.200 2.800 7.500 8.500",
  trash: "M3 4.500h10M6 4.500v-2h4v2M4.500 4.500l.5 9h6l.5-9M7 7v4M9 7v4",
  edit: "M3 13l.6-2.800L10.800 3 13 5.200 5.800 12.400zM9.500 4.300l2.200 2.200",
  hand: "M3 8h8M8 4.500 11.500 8 8 11.500M13.500 3v10",
  reopen: "M3 8a5 5 0 1 0 1.600-3.700M3 2.500v3h3",
  flag: "M4 14V2.500h8l-2 3 2 3H4",
  bulb: "M6 11.500h4M6.500 13.500h3M8 2.500a4 4 0 0 1 2.200 7.300v1.700H5.800V9.800A4 4 0 0 1 8 2.500",
  side: "M2.500 3h11v10h-11zM10 3v10",
  shield: "M8 2.200 13 4v4c0 3-2 5-5 6-3-1-5-3-5-6V4z",
  file: "M4 2.500h5L12.500 6v7.500H4zM9 2.500V6h3.500",
  globe: "M8 2.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11M2.500 8h11M8 2.500c3.200 3.500 3.200 7.500 0 11M8 2.500c-3.200 3.500-3.200 7.500 0 11",
  tree: "M6.500 2.500h3v3h-3zM2.500 10.500h3v3h-3zM10.500 10.500h3v3h-3zM8 5.500V8M4 10.500V8h8v2.500",
  branch: "M5 4.500v7M5 9.500c0-2.500 6-1 6-4M5 2.500a1 1 0 1 1 0 2 1 1 0 0 1 0-2M5 11.500a1 1 0 1 1 0 2 1 1 0 0 1 0-2M11 3.500a1 1 0 1 1 0 2 1 1 0 0 1 0-2",
  folder: "M2.500 4h4L8 5.500h5.500v7h-11z",
  gauge: "M2.500 11.500a5.500 5.500 0 1 1 11 0M8 11.500 10.800 7M2.500 13.500h11",
  bolt: "M9 2 3.500 9H8l-1 5 5.500-7H8z",
  dots: "M3.500 8h.01M8 8h.01M12.500 8h.01",
} as const;

export type IconName = keyof typeof drawings;

/** Drawings with a direction, turned round where the text runs from right to left. */
const directed: ReadonlySet<IconName> = new Set(["back", "send", "hand", "open", "side"]);

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" data-flip={directed.has(name) ? "" : undefined} focusable="false">
      <path d={drawings[name]} />
    </svg>
  );
}
