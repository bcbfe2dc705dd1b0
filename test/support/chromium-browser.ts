import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page, Viewport } from "puppeteer-core";
import { launch } from "puppeteer-core";
import { CALLING_CHROMIUM } from "../../loadtest/browsers/chromium-flags.ts";
import { chromiumPath } from "./chromium-path.ts";

export interface Chromium {
  readonly browser: Browser;
  close(): Promise<void>;
}

export interface ChromiumOptions {
  readonly flags?: readonly string[];
  readonly viewport?: Viewport;
  /** Starts Chromium with the arguments it is given, elsewhere; otherwise it is started here. */
  readonly program?: string | undefined;
}

/** A Chromium with fake devices and a profile of its own, which goes with it. */
export async function launchChromium(options: ChromiumOptions = {}): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), "aparte-chromium-"));
  const forget = () => rm(profile, { recursive: true, force: true, maxRetries: 5 });
  try {
    const browser = await launch({
      executablePath: options.program ?? chromiumPath(),
      // It may be in another network, where no port of it can be reached.
      pipe: options.program !== undefined,
      userDataDir: profile,
      headless: true,
      args: ["--no-sandbox", ...CALLING_CHROMIUM, ...(options.flags ?? [])],
      protocolTimeout: 120_000,
      ...(options.viewport === undefined ? {} : { defaultViewport: options.viewport }),
    });
    return {
      browser,
      async close() {
        await browser.close();
        await forget();
      },
    };
  } catch (error) {
    await forget();
    throw error;
  }
}

/** What the page writes to its console as errors from now on, uncaught ones included. */
export function errorsOf(page: Page): readonly string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  return errors;
}
