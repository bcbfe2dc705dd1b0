import type { Browser, Page } from "puppeteer-core";
import type { MediaSource } from "../../src/protocol/index.ts";
import { KIND_OF_SOURCE } from "../../src/protocol/index.ts";
import type { CallerState, CallerStats, JoinRequest } from "../e2e/sdk-page/page.ts";
import type { BuiltSite } from "./built-site.ts";
import { serveBuiltSite } from "./built-site.ts";
import type { Chromium } from "./chromium-browser.ts";
import { errorsOf, launchChromium } from "./chromium-browser.ts";

const PAGE = new URL("../e2e/sdk-page/", import.meta.url);
const WAIT_MS = 20_000;

/**
 * Participants who use the SDK in one Chromium, each in a window of their own: two calls in one
 * page would share what the page knows of spent keys.
 */
export class SdkCallers {
  /** Which the server must allow. */
  readonly origin: string;
  readonly #site: BuiltSite;
  readonly #chromium: Chromium;
  readonly #callers: SdkCaller[] = [];

  static async open(flags: readonly string[] = []): Promise<SdkCallers> {
    const site = await serveBuiltSite(PAGE);
    try {
      return new SdkCallers(site, await launchChromium({ flags }));
    } catch (error) {
      await site.stop();
      throw error;
    }
  }

  private constructor(site: BuiltSite, chromium: Chromium) {
    this.#site = site;
    this.#chromium = chromium;
    this.origin = new URL(site.url).origin;
  }

  /** `prepare` runs in the page before anything else does. */
  async caller(prepare?: () => void): Promise<SdkCaller> {
    const page = await this.#chromium.browser.newPage({ type: "window" });
    if (prepare !== undefined) await page.evaluateOnNewDocument(prepare);
    return this.#callerAt(page);
  }

  /** In another browser, such as a Firefox. */
  async callerIn(browser: Browser): Promise<SdkCaller> {
    return this.#callerAt(await browser.newPage());
  }

  /** What the pages wrote to their consoles as errors. */
  get errors(): string[] {
    return this.#callers.flatMap(({ errors }) => errors);
  }

  async close(): Promise<void> {
    await this.#chromium.close();
    await this.#site.stop();
  }

  async #callerAt(page: Page): Promise<SdkCaller> {
    const caller = new SdkCaller(page);
    this.#callers.push(caller);
    await page.goto(this.#site.url);
    return caller;
  }
}

export class SdkCaller {
  readonly page: Page;
  readonly errors: readonly string[];

  constructor(page: Page) {
    this.page = page;
    this.errors = errorsOf(page);
  }

  /** Resolves with null, or with the code of the error that `joinCall` rejected with. */
  tryToJoin(request: JoinRequest): Promise<string | null> {
    return this.page.evaluate((input) => window.caller.join(input), request);
  }

  async join(request: JoinRequest): Promise<void> {
    const code = await this.tryToJoin(request);
    if (code !== null) throw new Error(`${request.name} could not join: ${code}`);
  }

  /** Says how high a stream is shown, in device pixels. */
  async show(participantId: string, source: MediaSource, heightPixels: number): Promise<void> {
    await this.page.evaluate(
      (...input) => {
        window.caller.show(...input);
      },
      participantId,
      source,
      heightPixels,
    );
  }

  setIceTransportPolicy(policy: RTCIceTransportPolicy): Promise<void> {
    return this.page.evaluate((to) => window.caller.setIceTransportPolicy(to), policy);
  }

  leave(): Promise<void> {
    return this.page.evaluate(() => window.caller.leave());
  }

  state(): Promise<CallerState> {
    return this.page.evaluate(() => window.caller.state());
  }

  stats(): Promise<CallerStats> {
    return this.page.evaluate(() => window.caller.stats());
  }

  /** Resolves with the first state that `fits`. */
  async untilState(what: string, fits: (state: CallerState) => boolean): Promise<CallerState> {
    return poll(what, () => this.state(), fits);
  }

  /** Resolves with the first counters that `fit`. */
  async untilStats(what: string, fit: (stats: CallerStats) => boolean): Promise<CallerStats> {
    return poll(what, () => this.stats(), fit);
  }

  /** Resolves when `frames` more frames of this stream have been decoded, or heard. */
  async untilMore(participantId: string, source: MediaSource, frames = 10): Promise<void> {
    const before = decodedOf(await this.stats(), participantId, source);
    await this.untilStats(
      `${frames} more frames of ${source}`,
      (stats) => decodedOf(stats, participantId, source) >= before + frames,
    );
  }
}

/** Frames of this stream that reached the decoder: pictures that it made, or packets of sound. */
export function decodedOf(
  { received, opened }: CallerStats,
  participantId: string,
  source: MediaSource,
): number {
  const isOfStream = (stream: { participantId: string; source: string }) =>
    stream.participantId === participantId && stream.source === source;
  const counts =
    KIND_OF_SOURCE[source] === "audio"
      ? opened.filter(isOfStream).map((stream) => stream.opened)
      : received.filter(isOfStream).map((stream) => stream.framesDecoded);
  return counts.reduce((sum, count) => sum + count, 0);
}

async function poll<Value>(
  what: string,
  read: () => Promise<Value>,
  fits: (value: Value) => boolean,
): Promise<Value> {
  const endsAtMs = Date.now() + WAIT_MS;
  for (;;) {
    const value = await read();
    if (fits(value)) return value;
    if (Date.now() > endsAtMs) {
      throw new Error(`not within ${WAIT_MS} ms: ${what}; at last ${JSON.stringify(value)}`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
