import { defineConfig } from "vitest/config";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  test: {
    environment: "jsdom",
    // published as .jsx, which Node does not run
    server: { deps: { inline: [/@shopify\/ui-extensions-tester/] } },
  },
});
