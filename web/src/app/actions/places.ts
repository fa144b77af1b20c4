/** Where the pages about one action are. */

export const addressOf = (name: string): string => `/actions/registry/${encodeURIComponent(name)}`;
