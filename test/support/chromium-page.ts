import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "puppeteer-core";
import { launch } from "puppeteer-core";
import { build } from "vite";

export interface ChromiumPage {
  readonly page: Page;
  /** What the page wrote to its console as errors, uncaught ones included. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

/**
 * Builds `index.html` of a folder with its scripts and workers as the product is built, serves it
 * on a loopback port, and opens it in a Chromium with fake devices.
 */
export async function openChromiumPage(folder: URL): Promise<ChromiumPage> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    const files = await buildFiles(fileURLToPath(folder));
    const { url, stop } = await serveFiles(files);
    cleanups.push(stop);
    const profile = await mkdtemp(join(tmpdir(), "aparte-chromium-"));
    cleanups.push(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
    const browser = await launchChromium(profile);
    cleanups.push(() => browser.close());
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await page.goto(url);
    return { page, errors, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function launchChromium(profile: string): Promise<Browser> {
  return launch({
    executablePath: chromiumPath(),
    userDataDir: profile,
    headless: true,
    args: FLAGS,
    protocolTimeout: 120_000,
  });
}

/** `APARTE_CHROMIUM`, which setup gives, or the first on the path. */
function chromiumPath(): string {
  const given = process.env["APARTE_CHROMIUM"];
  if (given !== undefined && given !== "") return given;
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin"];
  const found = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error("no Chromium: set APARTE_CHROMIUM to one");
  return found;
}

async function buildFiles(root: string): Promise<Map<string, string | Uint8Array>> {
  const output = await build({
    root,
    configFile: false,
    logLevel: "warn",
    worker: { format: "es" },
    build: { write: false, target: "es2022", minify: true },
  });
  const files = new Map<string, string | Uint8Array>();
  for (const part of Array.isArray(output) ? output : [output]) {
    if (!("output" in part)) continue;
    for (const file of part.output) {
      files.set(`/${file.fileName}`, file.type === "chunk" ? file.code : file.source);
    }
  }
  return files;
}

async function serveFiles(
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const path = request.url === "/" ? "/index.html" : (request.url ?? "");
    const file = files.get(path);
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    const type = path.endsWith(".html") ? "text/html" : "text/javascript";
    response.writeHead(200, {
      "content-type": `${type}; charset=utf-8`,
      // With these, timers in the page are exact to 5 microseconds instead of 100.
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(file);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    // "localhost" is a secure context, which WebCrypto and cameras ask for.
    url: `http://localhost:${port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
