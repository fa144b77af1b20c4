/**
 * What must hold before anything is mounted: no string with markup ever reaches the page, and every style
 * element carries the server's nonce. Knows nothing about React.
 */
import { refuseMarkup } from "./markup-guard";

interface TrustedTypesFactory {
  createPolicy(name: string, rules: { createHTML: (text: string) => string }): unknown;
}

/** The nonce the server wrote into this page, or undefined when it sent none (the development server). */
export const styleNonce: string | undefined =
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce || undefined;

export function harden(): void {
  const factory = (globalThis as { trustedTypes?: TrustedTypesFactory }).trustedTypes;
  factory?.createPolicy("default", { createHTML: refuseMarkup });
  // react-remove-scroll (inside Mantine's dialogs) writes one style element and looks for its nonce here.
  if (styleNonce) (globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = styleNonce;
}
