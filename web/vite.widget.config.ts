/**
 * Builds the customer widget: one classic script under a fixed name, what it fetches later in a second file, its chat page, and
 * the demo shop beside it. Nothing is inline, so a host page has to allow one address for scripts and one for connections.
 */
import { cpSync } from "node:fs";
import { resolve } from "node:path";
import { build, defineConfig, type Plugin, type Rolldown, type UserConfig } from "vite";

const out = resolve(import.meta.dirname, "../src/tandem/web/static");

const both: UserConfig = {
  publicDir: false,
  // The same file whatever NODE_ENV says.
  oxc: { jsx: { development: false } },
};

const built: UserConfig["build"] = {
  target: "es2022",
  // Newer than the script's target so that nothing is rewritten for browsers the script does not run in.
  cssTarget: ["chrome123", "firefox121", "safari17.5"],
};

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

/** Builds the second file first: its name holds a hash of what is in it, and the script has to know it. */
function later(): Plugin {
  let file: Rolldown.OutputChunk;
  return {
    name: "later",
    async config() {
      const { output } = (await build({
        ...both,
        configFile: false,
        logLevel: "warn",
        build: {
          ...built,
          write: false,
          modulePreload: { polyfill: false },
          rolldownOptions: {
            input: resolve(import.meta.dirname, "src/widget/later/main.tsx"),
            preserveEntrySignatures: "strict",
            output: { format: "es", entryFileNames: "later-[hash].js" },
          },
        },
      })) as Rolldown.RolldownOutput;
      file = output[0];
      return { define: { LATER: JSON.stringify(file.fileName) } };
    },
    generateBundle() {
      this.emitFile({ type: "asset", fileName: file.fileName, source: file.code });
    },
  };
}

export default defineConfig({
  ...both,
  plugins: [later(), pages()],
  build: {
    ...built,
    outDir: resolve(out, "widget"),
    emptyOutDir: true,
    lib: {
      entry: resolve(import.meta.dirname, "src/widget/main.tsx"),
      formats: ["iife"],
      name: "tandem",
      fileName: () => "widget.js",
    },
  },
});
