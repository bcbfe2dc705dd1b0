import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { launch } from "puppeteer-core";
import type { BrowserCrowd } from "../coordinator/load-run.ts";
import type { BrowserFigures } from "../report/run-result.ts";
import { Histogram } from "../statistics/histogram.ts";
import { CALLING_CHROMIUM } from "./chromium-flags.ts";
import type { PeerCounters } from "./peer-probe.ts";
import { installPeerProbe, PEER_PROBE, readPeerCounters } from "./peer-probe.ts";

const JOIN_MS = 60_000;
const PROTOCOL_MS = 120_000;
const VIEWPORT = { width: 1_024, height: 700 } as const;

/** Real participants: the deployment's own page in Chromium, with a made-up camera and microphone. */
export class ChromiumCrowd implements BrowserCrowd {
  readonly size: number;
  readonly #browser: Browser;
  readonly #profile: string;
  readonly #pages: Page[] = [];
  readonly #counters = new Map<Page, PeerCounters>();
  readonly #joinMs = new Histogram();
  #joined = 0;
  #isClosed = false;
  #before: PeerCounters | undefined;
  #beforeMs = 0;

  static async launch(executablePath: string, size: number): Promise<ChromiumCrowd> {
    const profile = await mkdtemp(join(tmpdir(), "aparte-loadtest-"));
    const browser = await launch({
      executablePath,
      userDataDir: profile,
      headless: true,
      // By the pipe it learns when we are gone, even if we were killed.
      pipe: true,
      // Ctrl-C is the coordinator's: it has the pages leave first.
      handleSIGINT: false,
      // Chromium refuses to be sandboxed when it runs as root.
      args: [...CALLING_CHROMIUM, ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
      protocolTimeout: PROTOCOL_MS,
      defaultViewport: VIEWPORT,
    });
    return new ChromiumCrowd(browser, profile, size);
  }

  private constructor(browser: Browser, profile: string, size: number) {
    this.#browser = browser;
    this.#profile = profile;
    this.size = size;
  }

  async join(link: string): Promise<void> {
    const numbers = Array.from({ length: this.size }, (_, index) => index + 1);
    await Promise.all(
      numbers.map(async (number) => {
        // One that doesn't get in is missing in the figures, which is what they are for.
        await this.#joinOne(link, `Browser ${number}`).catch(() => undefined);
      }),
    );
  }

  async read(): Promise<BrowserFigures> {
    const nowMs = performance.now();
    const all = await Promise.all(this.#pages.map((page) => this.#readPage(page)));
    const now = all.reduce(sumOf, NOTHING);
    const before = this.#before ?? NOTHING;
    const seconds = (nowMs - this.#beforeMs) / 1_000;
    const isFirst = this.#before === undefined;
    this.#before = now;
    this.#beforeMs = nowMs;
    const received = now.packetsReceived - before.packetsReceived;
    const lost = now.packetsLost - before.packetsLost;
    const emitted = now.jitterBufferEmitted - before.jitterBufferEmitted;
    const delay = now.jitterBufferDelay - before.jitterBufferDelay;
    const frames = now.framesDecoded - before.framesDecoded;
    return {
      count: this.size,
      joined: this.#joined,
      joinP95Ms: this.#joined === 0 ? null : this.#joinMs.percentile(0.95),
      framesDecodedPerS: isFirst || now.videos === 0 ? null : frames / seconds / now.videos,
      freezes: isFirst ? null : now.freezeCount - before.freezeCount,
      lossPercent: isFirst || received + lost === 0 ? null : (lost / (received + lost)) * 100,
      jitterBufferMs: isFirst || emitted === 0 ? null : (delay / emitted) * 1_000,
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // A page that goes away says goodbye.
    await Promise.all(this.#pages.map((page) => page.close().catch(() => undefined)));
    await this.#browser.close().catch(() => undefined);
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** One that crashed stays at what it told last: the others go on, and so does the run. */
  async #readPage(page: Page): Promise<PeerCounters> {
    const known = this.#counters.get(page) ?? NOTHING;
    const read = await page.evaluate(readPeerCounters, PEER_PROBE).catch(() => known);
    this.#counters.set(page, read);
    return read;
  }

  async #joinOne(link: string, name: string): Promise<void> {
    // A window of its own: pages of one window would share what they know of used keys.
    const page = await this.#browser.newPage({ type: "window" });
    this.#pages.push(page);
    await page.evaluateOnNewDocument(installPeerProbe, PEER_PROBE);
    await page.goto(link, { timeout: JOIN_MS });
    const field = await page.waitForSelector('[data-testid="name"]', { timeout: JOIN_MS });
    await field?.click({ count: 3 });
    await field?.type(name);
    const button = await page.waitForSelector('[data-testid="join"]:not([disabled])', {
      timeout: JOIN_MS,
    });
    const beganMs = performance.now();
    await button?.click();
    await page.waitForSelector('[data-testid="call"][data-phase="joined"]', { timeout: JOIN_MS });
    this.#joinMs.record(performance.now() - beganMs);
    this.#joined += 1;
  }
}

const NOTHING: PeerCounters = {
  packetsReceived: 0,
  packetsLost: 0,
  framesDecoded: 0,
  freezeCount: 0,
  jitterBufferDelay: 0,
  jitterBufferEmitted: 0,
  videos: 0,
};

function sumOf(one: PeerCounters, other: PeerCounters): PeerCounters {
  return {
    packetsReceived: one.packetsReceived + other.packetsReceived,
    packetsLost: one.packetsLost + other.packetsLost,
    framesDecoded: one.framesDecoded + other.framesDecoded,
    freezeCount: one.freezeCount + other.freezeCount,
    jitterBufferDelay: one.jitterBufferDelay + other.jitterBufferDelay,
    jitterBufferEmitted: one.jitterBufferEmitted + other.jitterBufferEmitted,
    videos: one.videos + other.videos,
  };
}
