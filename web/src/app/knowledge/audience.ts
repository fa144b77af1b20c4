/** Whom an article may be shown to, as one reads it and as one chooses it. */
import type { Audience } from "../api/knowledge-shapes";
import { knowledgeWords } from "../words/knowledge";

const said = knowledgeWords.audience;

const PREFIX = "tier:";
/** As the server names tiers. */
export const TIER = /^[a-z0-9_-]{1,40}$/;

/** The tier an audience names, or null when it is one of the three that everybody has. */
export const tierOf = (audience: string): string | null => (audience.startsWith(PREFIX) ? audience.slice(PREFIX.length) : null);

export const tierNamed = (name: string): Audience => `tier:${name.trim().toLowerCase()}`;

export function audienceName(audience: string): string {
  const tier = tierOf(audience);
  if (tier !== null) return said.tier(tier);
  return audience === "verified" || audience === "staff" ? said[audience] : said.public;
}

export const audienceFits = (audience: string): boolean => {
  const tier = tierOf(audience);
  return tier === null || TIER.test(tier);
};
