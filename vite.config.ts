import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: "src/web",
  plugins: [react()],
  worker: { format: "es" },
  build: {
    outDir: "../../dist/web",
    emptyOutDir: true,
    target: "es2022",
    manifest: true,
    sourcemap: true,
    // In kB before compression. The SDK's part comes after the page stands; what counts is the
    // compressed size of the first load, which a test holds.
    chunkSizeWarningLimit: 700,
  },
  server: {
    // `npx vite` while working on the page; calls go to the service beside it.
    proxy: { "/socket.io": { target: "http://localhost:3000", ws: true } },
  },
});
