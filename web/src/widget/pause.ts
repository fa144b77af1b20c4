/** How long to wait before trying again. */

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Milliseconds before try number `tries` (from 1): doubling up to half a minute, the second half random. */
export function pause(tries: number, random: () => number = Math.random): number {
  return (Math.min(LONGEST_MS, FIRST_MS * 2 ** (tries - 1)) / 2) * (1 + random());
}
