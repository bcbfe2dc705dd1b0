import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { launch } from "puppeteer-core";
import { QUIET_CHROMIUM } from "../../../loadtest/browsers/chromium-flags.ts";
import { chromiumPath } from "../chromium-path.ts";

/** What the browser of a visitor has, as Chromium's flags. */
export const BROWSERS = {
  twoCameras: [
    "--use-fake-device-for-media-stream=device-count=2",
    "--use-fake-ui-for-media-stream",
  ],
  refusing: ["--use-fake-device-for-media-stream", "--deny-permission-prompts"],
  withoutDevices: ["--use-fake-ui-for-media-stream"],
} as const satisfies Record<string, readonly string[]>;

export interface Visitor {
  readonly page: Page;
  /** What the page wrote to its console as errors, refused by its policy or uncaught. */
  readonly errors: readonly string[];
  /** Addresses that were asked for, as the server sees them. */
  readonly requests: readonly string[];
  /** The text of an element, once it is there. */
  text(testId: string): Promise<string>;
  click(testId: string): Promise<void>;
  close(): Promise<void>;
}

/** Somebody at a browser of their own; `aparte.test` leads to this machine. */
export async function visit(browserFlags: readonly string[]): Promise<Visitor> {
  const folder = await mkdtemp(join(tmpdir(), "aparte-visitor-"));
  const browser = await launch({
    executablePath: chromiumPath(),
    userDataDir: folder,
    headless: true,
    args: [
      "--no-sandbox",
      ...QUIET_CHROMIUM,
      "--host-resolver-rules=MAP aparte.test 127.0.0.1",
      ...browserFlags,
    ],
    protocolTimeout: 120_000,
  });
  const page = await browser.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("request", (request) => requests.push(request.url()));
  const find = async (testId: string) => {
    const element = await page.waitForSelector(`[data-testid="${testId}"]`, { timeout: 20_000 });
    if (element === null) throw new Error(`no ${testId}`);
    return element;
  };
  return {
    page,
    errors,
    requests,
    text: async (testId) => (await find(testId)).evaluate((element) => element.textContent),
    click: async (testId) => (await find(testId)).click(),
    async close() {
      await browser.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
