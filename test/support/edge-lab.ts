import assert from "node:assert/strict";
import { Cleanups } from "./cleanups.ts";
import { DelayedUdp } from "./delayed-udp.ts";
import { freePort } from "./free-port.ts";
import { RunningService } from "./running-service.ts";
import { relayPorts } from "./turn-lab-options.ts";

const secret = "the-secret-that-all-relays-of-the-lab-share";

export interface LabRegion {
  readonly name: string;
  /** How much longer the way from there takes, by UDP. */
  readonly delayMs?: number;
}

interface Node {
  readonly service: RunningService;
  readonly port: number;
}

export interface EdgeLabOptions {
  readonly regions: readonly LabRegion[];
  /** Pages that may use it. */
  readonly allowedOrigin: string;
  /** By which clients are told to reach the relays; both unless given. */
  readonly transport?: "udp" | "tcp";
}

/**
 * A deployment as an operator sets it up: signaling and SFU in one process, and a relay alone in
 * each region, which shares the secret. All of them are real processes on loopback.
 */
export class EdgeLab {
  readonly service: RunningService;
  readonly #nodes: ReadonlyMap<string, Node>;
  readonly #cleanups: Cleanups;

  static async start({ regions, allowedOrigin, transport }: EdgeLabOptions): Promise<EdgeLab> {
    const query = transport === undefined ? "" : `?transport=${transport}`;
    const cleanups = new Cleanups();
    const nodes = new Map<string, Node>();
    try {
      const edges: string[] = [];
      for (const { name, delayMs } of regions) {
        let port = await freePort();
        const service = await startRelay(name, port);
        cleanups.defer(() => service.stop());
        if (delayMs !== undefined) {
          const way = await DelayedUdp.open(port, delayMs);
          cleanups.defer(() => {
            way.close();
          });
          port = way.port;
        }
        nodes.set(name, { service, port });
        edges.push(`${name} turn:127.0.0.1:${port}${query}`);
      }
      const service = await RunningService.start({
        flags: [
          ...["--roles", "signaling,sfu", "--turn-edges", edges.join()],
          ...["--http-allowed-origins", allowedOrigin],
        ],
        environment: { APARTE_TURN_SECRETS: secret },
      });
      cleanups.defer(() => service.stop());
      return new EdgeLab(service, nodes, cleanups);
    } catch (error) {
      await cleanups.run();
      throw error;
    }
  }

  private constructor(
    service: RunningService,
    nodes: ReadonlyMap<string, Node>,
    cleanups: Cleanups,
  ) {
    this.service = service;
    this.#nodes = nodes;
    this.#cleanups = cleanups;
  }

  /** The relay that a candidate's URL names. */
  regionOf(url: string): string {
    const found = [...this.#nodes].find(([, { port }]) => url.includes(`:${port}?`));
    return found?.[0] ?? assert.fail(`no region of ${url}`);
  }

  /** Ends the region's relay without a farewell. */
  kill(region: string): void {
    const node = this.#nodes.get(region) ?? assert.fail(`no region ${region}`);
    node.service.process.kill("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#cleanups.run();
  }
}

function startRelay(region: string, port: number): Promise<RunningService> {
  const { min, max } = relayPorts();
  return RunningService.start({
    flags: [
      ...["--roles", "turn", "--region", region, "--turn-addresses", "127.0.0.1"],
      ...["--turn-relay-addresses", "127.0.0.1", "--turn-allowed-peers", "127.0.0.1"],
      ...["--turn-port", String(port)],
      ...["--turn-relay-port-min", String(min), "--turn-relay-port-max", String(max)],
    ],
    environment: { APARTE_TURN_SECRETS: secret },
  });
}
