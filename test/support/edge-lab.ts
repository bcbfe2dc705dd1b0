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
  readonly #living: Map<string, RunningService>;
  readonly #cleanups: Cleanups;

  static async start({ regions, allowedOrigin, transport }: EdgeLabOptions): Promise<EdgeLab> {
    const query = transport === undefined ? "" : `?transport=${transport}`;
    const cleanups = new Cleanups();
    const nodes = new Map<string, RunningService>();
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
        nodes.set(name, service);
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
    nodes: Map<string, RunningService>,
    cleanups: Cleanups,
  ) {
    this.service = service;
    this.#living = nodes;
    this.#cleanups = cleanups;
  }

  /** Where media is relayed now, as the relays say themselves: not every browser tells. */
  async busyRegions(): Promise<string[]> {
    const asked = [...this.#living].map(async ([name, service]) => {
      const figures = await (await fetch(`${service.adminOrigin}/metrics`)).text();
      // Who only measures asks for no permission to send anywhere.
      return /^aparte_turn_current\{what="permissions"\} [1-9]/m.test(figures) ? [name] : [];
    });
    return (await Promise.all(asked)).flat();
  }

  /** Ends the region's relay without a farewell. */
  kill(region: string): void {
    this.#take(region).process.kill("SIGKILL");
  }

  /** From now on the region's relay answers nothing, as if the network had swallowed it. */
  freeze(region: string): void {
    const node = this.#take(region);
    node.process.kill("SIGSTOP");
    // No other signal reaches it.
    this.#cleanups.defer(() => node.process.kill("SIGKILL"));
  }

  #take(region: string): RunningService {
    const node = this.#living.get(region) ?? assert.fail(`no region ${region}`);
    this.#living.delete(region);
    return node;
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
