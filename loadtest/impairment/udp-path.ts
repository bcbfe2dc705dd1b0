import type { Socket } from "node:dgram";
import { createSocket } from "node:dgram";
import type { IceCandidate } from "../../src/protocol/index.ts";

/** What happens to packets, each way. */
export interface Impairment {
  readonly delayMs: number;
  /** Added to the delay, evenly from 0 to this. Packets may overtake each other. */
  readonly jitterMs: number;
  readonly lossPercent: number;
}

/** One server candidate's stand-in on this machine, which passes packets on as a bad network would. */
class UdpPath {
  readonly #inner: Socket = createSocket("udp4");
  readonly #outer: Socket = createSocket("udp4");
  readonly #impairment: Impairment;
  #client: { address: string; port: number } | undefined;
  #cutUntilMs = 0;
  #isClosed = false;

  private constructor(impairment: Impairment, server: { address: string; port: number }) {
    this.#impairment = impairment;
    this.#inner.on("message", (packet, { address, port }) => {
      this.#client = { address, port };
      this.#pass(() => {
        this.#outer.send(packet, server.port, server.address, ignoreError);
      });
    });
    this.#outer.on("message", (packet) => {
      const client = this.#client;
      if (client === undefined) return;
      this.#pass(() => {
        this.#inner.send(packet, client.port, client.address, ignoreError);
      });
    });
    this.#inner.on("error", ignoreError);
    this.#outer.on("error", ignoreError);
  }

  static async open(
    impairment: Impairment,
    server: { address: string; port: number },
  ): Promise<UdpPath> {
    const path = new UdpPath(impairment, server);
    await new Promise<void>((resolve) => path.#inner.bind(0, "127.0.0.1", resolve));
    await new Promise<void>((resolve) => path.#outer.bind(0, resolve));
    return path;
  }

  get port(): number {
    return this.#inner.address().port;
  }

  cut(forMs: number): void {
    this.#cutUntilMs = performance.now() + forMs;
  }

  close(): void {
    this.#isClosed = true;
    this.#inner.close();
    this.#outer.close();
  }

  #pass(send: () => void): void {
    const { delayMs, jitterMs, lossPercent } = this.#impairment;
    if (performance.now() < this.#cutUntilMs) return;
    if (Math.random() * 100 < lossPercent) return;
    const waitMs = delayMs + Math.random() * jitterMs;
    if (waitMs === 0) {
      send();
      return;
    }
    setTimeout(() => {
      if (!this.#isClosed) send();
    }, waitMs);
  }
}

/** A packet that can't be sent is lost, as on the network. */
function ignoreError(): void {}

/** The ways of one participant's media, if they are to be worse than the network is. */
export class ImpairedNetwork {
  readonly #impairment: Impairment;
  readonly #paths: UdpPath[] = [];

  constructor(impairment: Impairment) {
    this.#impairment = impairment;
  }

  /** The candidates to use in place of the server's: IPv4 and UDP only. */
  async through(candidates: readonly IceCandidate[]): Promise<IceCandidate[]> {
    const direct = candidates.filter(
      ({ protocol, address }) => protocol === "udp" && !address.includes(":"),
    );
    return Promise.all(
      direct.map(async (candidate) => {
        const path = await UdpPath.open(this.#impairment, candidate);
        this.#paths.push(path);
        return { ...candidate, address: "127.0.0.1", ip: "127.0.0.1", port: path.port };
      }),
    );
  }

  /** Nothing passes for so long. */
  cut(forMs: number): void {
    for (const path of this.#paths) path.cut(forMs);
  }

  close(): void {
    for (const path of this.#paths.splice(0)) path.close();
  }
}
