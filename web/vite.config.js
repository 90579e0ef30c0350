// Builds the page of GET /graphql into the folder the server sends it from; the result is committed.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: {
    outDir: "../graph/static/graphiql",
    emptyOutDir: true,
    sourcemap: false,
    target: "es2022",
    // Monaco is one large part by nature; the warning would say nothing new at every build.
    chunkSizeWarningLimit: 6000,
    // A preload helper would fetch with inline styles and absolute paths; the page has one entry and needs none.
    modulePreload: false,
    // The committed build carries other people's code: their licences go with it.
    license: { fileName: "licenses.md" },
    rolldownOptions: {
      // "use client" means something to React servers only; dozens of warnings about it would hide a real one.
      checks: { moduleLevelDirective: false },
      // Other people's code apart from ours: a change of ours leaves the large committed files as they are.
      output: { codeSplitting: { groups: [{ name: "vendor", test: /node_modules\/(?!monaco|prettier)/ }] } },
    },
  },
  experimental: {
    // The page lives at /graphql, its files at /static/graphiql/: only the page itself needs to know that.
    renderBuiltUrl: (file, { hostType }) => (hostType === "html" ? `./static/graphiql/${file}` : { relative: true }),
  },
});
