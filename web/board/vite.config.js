// Builds the page of GET /demo/board into the folder the server sends it from; the result is committed.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: {
    outDir: "../../graph/static/board",
    emptyOutDir: true,
    sourcemap: false,
    target: "es2022",
    modulePreload: false,
    // The committed build carries other people's code: their licences go with it.
    license: { fileName: "licenses.md" },
    rolldownOptions: {
      // "use client" means something to React servers only; dozens of warnings about it would hide a real one.
      checks: { moduleLevelDirective: false },
      // Other people's code apart from ours: a change of ours leaves the large committed file as it is.
      output: { codeSplitting: { groups: [{ name: "vendor", test: /node_modules/ }] } },
    },
  },
  experimental: {
    // The page lives at /demo/board, its files at /static/board/: only the page itself needs to know that.
    renderBuiltUrl: (file, { hostType }) => (hostType === "html" ? `../static/board/${file}` : { relative: true }),
  },
});
