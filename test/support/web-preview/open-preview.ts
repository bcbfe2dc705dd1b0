import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { Page } from "puppeteer-core";
import { launch } from "puppeteer-core";
import sirv from "sirv";
import { build } from "vite";
import { chromiumPath } from "../chromium-path.ts";

export interface Preview {
  readonly page: Page;
  /** What the page wrote to its console as errors, uncaught ones included. */
  readonly errors: readonly string[];
  /** Shows what the query asks for (see main.tsx) in a window of this size. */
  show(query: string, size: { width: number; height: number }): Promise<void>;
  close(): Promise<void>;
}

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

/** The page's views over an in-memory call, built as the product is, in a Chromium of its own. */
export async function openPreview(): Promise<Preview> {
  const folder = await mkdtemp(join(tmpdir(), "aparte-preview-"));
  const files = join(folder, "files");
  await build({
    configFile: false,
    root: fileURLToPath(new URL(".", import.meta.url)),
    plugins: [react()],
    logLevel: "error",
    build: { outDir: files, target: "es2022", minify: false },
  });
  const server = createServer(sirv(files));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const browser = await launch({
    executablePath: chromiumPath(),
    userDataDir: join(folder, "profile"),
    headless: true,
    args: FLAGS,
    protocolTimeout: 120_000,
  });
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  return {
    page,
    errors,
    async show(query, size) {
      await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
      await page.setViewport({ ...size, hasTouch: Math.min(size.width, size.height) < 500 });
      await page.goto(`http://localhost:${address.port}/?${query}`);
      const screen = new URLSearchParams(query).get("screen") ?? "unsupported";
      await page.waitForSelector(`[data-testid=${screen}]`);
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
