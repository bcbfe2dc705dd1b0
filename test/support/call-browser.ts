import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EvaluateFunc, Page } from "puppeteer-core";
import type { Chromium } from "./chromium-browser.ts";
import { errorsOf, launchChromium } from "./chromium-browser.ts";
import type { ColourName } from "./fake-media.ts";
import { COLOURS, writeColourVideo, writeTone } from "./fake-media.ts";

export interface Devices {
  readonly colour: ColourName;
  readonly toneHz: number;
  readonly size?: { readonly width: number; readonly height: number };
  /** Further flags of Chromium. */
  readonly flags?: readonly string[];
  /** Starts Chromium elsewhere. */
  readonly program?: string;
}

/** One person at a browser of their own, with a camera of one colour and a voice of one tone. */
export class Person {
  readonly name: string;
  readonly page: Page;
  /** What the page wrote to its console as errors, uncaught ones included. */
  readonly errors: readonly string[];
  readonly #chromium: Chromium;
  readonly #folder: string;

  static async atBrowser(name: string, devices: Devices): Promise<Person> {
    const folder = await mkdtemp(join(tmpdir(), "aparte-person-"));
    const camera = join(folder, "camera.y4m");
    const microphone = join(folder, "microphone.wav");
    await writeColourVideo(camera, COLOURS[devices.colour], devices.size);
    await writeTone(microphone, devices.toneHz);
    const chromium = await launchChromium({
      flags: [
        "--auto-select-desktop-capture-source=Entire screen",
        `--use-file-for-fake-video-capture=${camera}`,
        `--use-file-for-fake-audio-capture=${microphone}`,
        ...(devices.flags ?? []),
      ],
      program: devices.program,
      viewport: { width: 1_024, height: 700 },
    });
    const page = await chromium.browser.newPage();
    return new Person(name, chromium, page, folder);
  }

  private constructor(name: string, chromium: Chromium, page: Page, folder: string) {
    this.name = name;
    this.page = page;
    this.#chromium = chromium;
    this.#folder = folder;
    this.errors = errorsOf(page);
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
    await this.#chromium.close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
