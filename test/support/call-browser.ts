import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, EvaluateFunc, Page } from "puppeteer-core";
import { launch } from "puppeteer-core";
import { chromiumPath } from "./chromium-path.ts";
import type { ColourName } from "./fake-media.ts";
import { COLOURS, writeColourVideo, writeTone } from "./fake-media.ts";

export interface Devices {
  readonly colour: ColourName;
  readonly toneHz: number;
  readonly size?: { readonly width: number; readonly height: number };
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
  "--auto-select-desktop-capture-source=Entire screen",
  // Without these a page in the background runs its timers once a second.
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

/** One person at a browser of their own, with a camera of one colour and a voice of one tone. */
export class Person {
  readonly name: string;
  readonly page: Page;
  /** What the page wrote to its console as errors, uncaught ones included. */
  readonly errors: string[] = [];
  readonly #browser: Browser;
  readonly #folder: string;

  static async atBrowser(name: string, devices: Devices): Promise<Person> {
    const folder = await mkdtemp(join(tmpdir(), "aparte-person-"));
    const camera = join(folder, "camera.y4m");
    const microphone = join(folder, "microphone.wav");
    await writeColourVideo(camera, COLOURS[devices.colour], devices.size);
    await writeTone(microphone, devices.toneHz);
    const browser = await launch({
      executablePath: chromiumPath(),
      userDataDir: join(folder, "profile"),
      headless: true,
      args: [
        ...FLAGS,
        `--use-file-for-fake-video-capture=${camera}`,
        `--use-file-for-fake-audio-capture=${microphone}`,
      ],
      defaultViewport: { width: 1_024, height: 700 },
      protocolTimeout: 120_000,
    });
    const page = await browser.newPage();
    return new Person(name, browser, page, folder);
  }

  private constructor(name: string, browser: Browser, page: Page, folder: string) {
    this.name = name;
    this.page = page;
    this.#browser = browser;
    this.#folder = folder;
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.errors.push(message.text());
    });
  }

  /** Opens the link, gives the name, and joins as a person would. */
  async join(link: string): Promise<void> {
    await this.page.goto(link);
    const name = await this.page.waitForSelector('[data-testid="name"]');
    await name?.click({ count: 3 });
    await name?.type(this.name);
    await this.click("join");
    await this.inCall();
  }

  async inCall(): Promise<void> {
    await this.page.waitForSelector('[data-testid="call"][data-phase="joined"]', {
      timeout: 30_000,
    });
  }

  async click(testId: string): Promise<void> {
    const element = await this.page.waitForSelector(`[data-testid="${testId}"]:not([disabled])`);
    await element?.click();
  }

  /** Resolves when `condition`, run in the page, holds. */
  async sees<Args extends unknown[]>(
    what: string,
    condition: EvaluateFunc<Args>,
    ...args: Args
  ): Promise<void> {
    try {
      await this.page.waitForFunction(condition, { timeout: 20_000, polling: 200 }, ...args);
    } catch (cause) {
      throw new Error(`${this.name} does not see: ${what}`, { cause });
    }
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
