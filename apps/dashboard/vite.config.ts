import { defineConfig } from "vite";

// The page runs under `default-src 'self'` without `unsafe-inline`: nothing may be inlined into the document.
export default defineConfig({
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    license: { fileName: "assets/licences.txt" },
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": "http://127.0.0.1:5000" } },
});
