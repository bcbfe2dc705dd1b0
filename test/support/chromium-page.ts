import type { Page } from "puppeteer-core";
import { serveBuiltSite } from "./built-site.ts";
import { errorsOf, launchChromium } from "./chromium-browser.ts";

export interface ChromiumPage {
  readonly page: Page;
  /** What the page wrote to its console as errors, uncaught ones included. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/**
 * Builds `index.html` of a folder with its scripts and workers as the product is built, serves it
 * on a loopback port, and opens it in a Chromium with fake devices.
 */
export async function openChromiumPage(folder: URL): Promise<ChromiumPage> {
  const site = await serveBuiltSite(folder);
  const chromium = await launchChromium().catch(async (error: unknown) => {
    await site.stop();
    throw error;
  });
  const page = await chromium.browser.newPage();
  const errors = errorsOf(page);
  await page.goto(site.url);
  const close = async () => {
    await chromium.close();
    await site.stop();
  };
  return { page, errors, close };
}
