/**
 * Builds the staff app into the folder the Python app serves.
 * `__CSP_NONCE__` is replaced by the server, afresh for every page; nothing here is inline.
 */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig(({ command }) => ({
  base: "/app/",
  plugins: [react()],
  html: command === "build" ? { cspNonce: "__CSP_NONCE__" } : {},
  build: {
    outDir: "../src/tandem/web/static/app",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  // How long anything waited for may take on two busy cores; what has come is not waited for.
  test: { testTimeout: 120_000, expect: { poll: { timeout: 30_000 } } },
  server: {
    host: "127.0.0.1",
    proxy: { "/v1": "http://127.0.0.1:8000", "/healthz": "http://127.0.0.1:8000" },
  },
}));
