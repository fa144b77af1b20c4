/**
 * Builds the customer widget: one classic script under a fixed name, its chat page, and the demo shop beside it.
 * Nothing is loaded later and nothing is inline, so a host page has to allow one script and one connection.
 */
import { cpSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";

const out = resolve(import.meta.dirname, "../src/tandem/web/static");

/** Puts the pages that need no building where the server looks for them. */
function pages(): Plugin {
  return {
    name: "pages",
    writeBundle() {
      cpSync(resolve(import.meta.dirname, "src/widget/chat.html"), resolve(out, "widget/chat.html"));
      cpSync(resolve(import.meta.dirname, "src/demo"), resolve(out, "demo"), { recursive: true });
    },
  };
}

export default defineConfig({
  plugins: [pages()],
  publicDir: false,
  // The same file whatever NODE_ENV says.
  oxc: { jsx: { development: false } },
  build: {
    outDir: resolve(out, "widget"),
    emptyOutDir: true,
    target: "es2022",
    // Newer than the script's target so that nothing is rewritten for browsers the script does not run in.
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
    lib: {
      entry: resolve(import.meta.dirname, "src/widget/main.tsx"),
      formats: ["iife"],
      name: "tandem",
      fileName: () => "widget.js",
    },
  },
});
