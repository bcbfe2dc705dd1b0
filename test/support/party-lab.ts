import type { Page } from "puppeteer-core";
import { createInvitationLink } from "../../src/client/invitations.ts";
import type { Sfu } from "../../src/sfu/index.ts";
import type { PartyRequest, PartyStats } from "../e2e/e2ee-page/page.ts";
import type { BuiltSite } from "./built-site.ts";
import { serveBuiltSite } from "./built-site.ts";
import { LabServer } from "./group-lab.ts";
import { startSfu } from "./sfu-lab.ts";

const PAGE = new URL("../e2e/e2ee-page/", import.meta.url);
const WAIT_MS = 20_000;

/** A page of the SDK, a signaling server and an SFU, all in this process and on loopback. */
export class PartyLab {
  readonly url: string;
  readonly #server: string;
  readonly #cleanups: AsyncDisposableStack;

  static async start(workerCount = 1): Promise<PartyLab> {
    await using cleanups = new AsyncDisposableStack();
    const site: BuiltSite = await serveBuiltSite(PAGE);
    cleanups.defer(() => site.stop());
    const sfu: Sfu = await startSfu({ workerCount });
    cleanups.defer(() => sfu.close());
    const server = await LabServer.start(sfu, { allowedOrigins: [new URL(site.url).origin] });
    cleanups.defer(() => server.close());
    return new PartyLab(site.url, `http://127.0.0.1:${server.port}`, cleanups.move());
  }

  private constructor(url: string, server: string, cleanups: AsyncDisposableStack) {
    this.url = url;
    this.#server = server;
    this.#cleanups = cleanups;
  }

  /** What somebody needs to join a new call. */
  newCall(): { link: string; server: string } {
    return { link: createInvitationLink(this.#server), server: this.#server };
  }

  async close(): Promise<void> {
    await this.#cleanups.disposeAsync();
  }
}

/** A participant in a page of any browser. */
export class Party {
  readonly page: Page;
  #participantId = "";

  constructor(page: Page) {
    this.page = page;
  }

  get participantId(): string {
    return this.#participantId;
  }

  async join(request: PartyRequest): Promise<void> {
    this.#participantId = await this.page.evaluate((input) => window.party.join(input), request);
  }

  async leave(): Promise<void> {
    await this.page.evaluate(() => window.party.leave());
  }

  stats(): Promise<PartyStats> {
    return this.page.evaluate(() => window.party.stats());
  }

  /** Resolves with the first counters that `fit`. */
  async untilStats(what: string, fit: (stats: PartyStats) => boolean): Promise<PartyStats> {
    const endsAtMs = Date.now() + WAIT_MS;
    for (;;) {
      const stats = await this.stats();
      if (fit(stats)) return stats;
      if (Date.now() > endsAtMs) {
        throw new Error(`not within ${WAIT_MS} ms: ${what}; at last ${JSON.stringify(stats)}`);
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
  }
}

/** Frames of all streams that were refused, by cause; replays are harmless and don't count. */
export function refusalsOf({ opened, sealed }: PartyStats): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { source, dropped } of [...opened, ...sealed]) {
    for (const [cause, count] of Object.entries(dropped)) {
      if (count > 0 && cause !== "replayed") found[`${source} ${cause}`] = count;
    }
  }
  return found;
}
