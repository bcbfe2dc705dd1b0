import { networkInterfaces } from "node:os";
import type { Page } from "puppeteer-core";
import { createInvitationLink } from "../../src/client/invitations.ts";
import type { Sfu } from "../../src/sfu/index.ts";
import type { PartyRequest, PartyStats } from "../e2e/e2ee-page/page.ts";
import type { BuiltSite } from "./built-site.ts";
import { serveBuiltSite } from "./built-site.ts";
import { LabServer } from "./group-lab.ts";
import type { LossyUdp } from "./lossy-udp.ts";
import { startSfu } from "./sfu-lab.ts";

const PAGE = new URL("../e2e/e2ee-page/", import.meta.url);
const WAIT_MS = 20_000;

/** A page of the SDK, a signaling server and an SFU, all in this process and on this machine. */
export class PartyLab {
  readonly url: string;
  readonly #server: string;
  readonly #cleanups: AsyncDisposableStack;

  static async start(): Promise<PartyLab> {
    await using cleanups = new AsyncDisposableStack();
    const site: BuiltSite = await serveBuiltSite(PAGE);
    cleanups.defer(() => site.stop());
    const sfu: Sfu = await startSfu({
      workerCount: 1,
      listen: ownAddresses().map((ip) => ({ ip })),
    });
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

/**
 * Loopback, and this machine's address if it has one: a Firefox that may not look at all networks
 * sends from the latter, and then not to loopback. No packet leaves the machine either way.
 */
function ownAddresses(): string[] {
  const outside = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal);
  return ["127.0.0.1", ...(outside === undefined ? [] : [outside.address])];
}

/**
 * Sends what this page's connections exchange over loopback UDP by way of `lossy`. To be called
 * before the page is opened.
 */
export async function routeBy(page: Page, lossy: LossyUdp): Promise<void> {
  await page.exposeFunction("lossyPort", (port: number) => lossy.portFor(port));
  await page.evaluateOnNewDocument(() => {
    const original: unknown = Reflect.get(RTCPeerConnection.prototype, "setRemoteDescription");
    if (typeof original !== "function") return;
    const candidate = /^(a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1) (\d+)(.*)$/;
    RTCPeerConnection.prototype.setRemoteDescription = async function (description) {
      const lines = await Promise.all(
        (description.sdp ?? "").split("\r\n").map(async (line) => {
          const [, start, port, rest] = candidate.exec(line) ?? [];
          if (port === undefined) return line.startsWith("a=candidate:") ? undefined : line;
          const lossyPort: (port: number) => Promise<number> = Reflect.get(window, "lossyPort");
          return `${start} ${await lossyPort(Number(port))}${rest}`;
        }),
      );
      const sdp = lines.filter((line) => line !== undefined).join("\r\n");
      await Reflect.apply(original, this, [{ type: description.type, sdp }]);
    };
  });
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

/**
 * True when every stream that comes in opens, and none of its frames waits for a key.
 */
export function isSettled({ opened }: PartyStats): boolean {
  return opened.length > 0 && opened.every((stream) => stream.opened > 0 && stream.held === 0);
}

/**
 * Frames that were refused, by stream and cause. Harmless ones don't count: replays, frames from
 * before somebody came, and own frames that were encoded before the first keys.
 */
export function refusalsOf({ opened, sealed }: PartyStats): Record<string, number> {
  const found: Record<string, number> = {};
  const count = (
    what: string,
    dropped: Readonly<Record<string, number>>,
    harmless: readonly string[],
  ) => {
    for (const [cause, frames] of Object.entries(dropped)) {
      if (frames > 0 && !harmless.includes(cause)) found[`${what} ${cause}`] = frames;
    }
  };
  for (const { source, dropped } of opened) {
    count(`opening ${source}`, dropped, ["replayed", "earlier-epoch"]);
  }
  for (const { source, dropped } of sealed) count(`sealing ${source}`, dropped, ["no-key"]);
  return found;
}
