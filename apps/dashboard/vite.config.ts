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
  // The service compares the origin of a page with the host it is asked under: both are the development server's.
  server: { proxy: { "/api": { target: "http://127.0.0.1:5000", changeOrigin: false } } },
});
