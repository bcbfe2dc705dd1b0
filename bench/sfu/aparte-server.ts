import { readFileSync } from "node:fs";
import type { MediaEngine } from "../../loadtest/engine/media-engine.ts";
import { RunningService } from "../../test/support/running-service.ts";
import { AparteRoom } from "./aparte-room.ts";
import { childPids } from "./processes.ts";
import type { ServerRoom, TestedServer } from "./tested-server.ts";

/** All participants come from one address, and more of them than one core should carry. */
const FLAGS = {
  "--roles": "signaling,sfu",
  "--signaling-connections-per-address": "10000",
  "--signaling-requests-per-second": "10000",
  "--signaling-request-burst": "100000",
  "--signaling-resume-grace-ms": "1000",
  "--sfu-consumers-per-worker": "100000",
} as const;

/** `aparte serve` as a process of its own, with one media worker. */
export class AparteServer implements TestedServer {
  readonly name = "aparte";
  readonly version = versionOf("package.json");
  readonly #service: RunningService;

  static async start(): Promise<AparteServer> {
    return new AparteServer(await RunningService.start({ flags: Object.entries(FLAGS).flat() }));
  }

  private constructor(service: RunningService) {
    this.#service = service;
  }

  get mediaPids(): readonly number[] {
    return this.controlPids.flatMap((pid) => childPids(pid));
  }

  get controlPids(): readonly number[] {
    const { pid } = this.#service.process;
    return pid === undefined ? [] : [pid];
  }

  async openRoom(engine: MediaEngine): Promise<ServerRoom> {
    return new AparteRoom(engine, this.#service.origin);
  }

  async stop(): Promise<void> {
    await this.#service.stop();
  }
}

function versionOf(path: string): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"),
  );
  return version;
}
