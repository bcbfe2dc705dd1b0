import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vite";

/**
 * Modules of libraries that are always loaded and never used: how mediasoup-client works in React
 * Native, in its own tests and in browsers that cannot seal frames, and how zod writes JSON schemas.
 */
const UNUSED = [
  /\/mediasoup-client\/lib\/handlers\/(?:Chrome74|FakeHandler|ReactNative106)\.js$/,
  /\/mediasoup-client\/lib\/test\/fakeParameters\.js$/,
  /\/zod\/v4\/core\/(?:json-schema-processors|to-json-schema)\.js$/,
];

/** Such modules stay, but everything that they export is undefined. */
const leaveOutUnused: Plugin = {
  name: "leave-out-unused",
  load(id) {
    if (!UNUSED.some((pattern) => pattern.test(id))) return undefined;
    const code = readFileSync(id, "utf8");
    const exported = code.matchAll(
      /^export (?:(?:const|function|class) (\w+)|\{ \w+ as (\w+) \})/gm,
    );
    const lines = [...exported].map(([, declared, named]) => declared ?? named);
    return `const leftOut = undefined;\n${lines.map((name) => `export { leftOut as ${name} };`).join("\n")}`;
  },
};

export default defineConfig({
  root: "src/web",
  plugins: [react(), leaveOutUnused],
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
