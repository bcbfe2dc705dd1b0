import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromiumPath } from "./chromium-path.ts";
import { bringUpLoopback, runTool } from "./own-network.ts";

/** Where the service is reached, by whichever link. */
export const HOME_ADDRESS = "10.77.0.1";

const LINKS = {
  wifi: { home: "10.77.1.1", away: "10.77.1.2" },
  cellular: { home: "10.77.2.1", away: "10.77.2.2" },
} as const;
export type LinkName = keyof typeof LINKS;

/**
 * A network namespace with two links to the one that it is made in, of which one at a time is used:
 * the network of a device that moves from one to the other. To be used within `runInOwnNetwork`.
 */
export class TravellingNetwork {
  /** Starts Chromium there. */
  readonly chromium: string;
  readonly #holder: number;
  readonly #folder: string;
  readonly #end: () => void;

  /** On wifi. */
  static async open(): Promise<TravellingNetwork> {
    await bringUpLoopback();
    await runTool("ip", ["address", "add", `${HOME_ADDRESS}/32`, "dev", "lo"]);
    const holder = spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
    const folder = await mkdtemp(join(tmpdir(), "aparte-travelling-"));
    const network = new TravellingNetwork(holder.pid ?? 0, folder, () => holder.kill("SIGKILL"));
    try {
      await network.#setUp();
      return network;
    } catch (error) {
      await network.close();
      throw error;
    }
  }

  private constructor(holder: number, folder: string, end: () => void) {
    this.#holder = holder;
    this.#folder = folder;
    this.chromium = join(folder, "chromium");
    this.#end = end;
  }

  /** The link is used from now on, and the other one is gone; with null, both are. */
  async use(link: LinkName | null): Promise<void> {
    for (const name of ["wifi", "cellular"] as const) {
      if (name !== link) await this.#inside("ip", ["address", "flush", "dev", name]);
    }
    if (link === null) return;
    const { home, away } = LINKS[link];
    await this.#inside("ip", ["address", "replace", `${away}/24`, "dev", link]);
    await this.#inside("ip", ["route", "replace", "default", "via", home, "dev", link]);
  }

  async close(): Promise<void> {
    this.#end();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #setUp(): Promise<void> {
    await this.#hasBegun();
    for (const name of ["wifi", "cellular"] as const) {
      const atHome = `home-${name}`;
      await runTool("ip", ["link", "add", atHome, "type", "veth", "peer", "name", name]);
      await runTool("ip", ["link", "set", name, "netns", String(this.#holder)]);
      await runTool("ip", ["address", "add", `${LINKS[name].home}/24`, "dev", atHome]);
      await runTool("ip", ["link", "set", atHome, "up"]);
      await this.#inside("ip", ["link", "set", name, "up"]);
    }
    await this.#inside("ip", ["link", "set", "lo", "up"]);
    await this.use("wifi");
    const command = ["exec", "nsenter", this.#entrance, chromiumPath(), '"$@"'].join(" ");
    await writeFile(this.chromium, `#!/bin/sh\n${command}\n`);
    await chmod(this.chromium, 0o755);
  }

  /** The namespace is the process's own only when `unshare` has become `sleep`. */
  async #hasBegun(): Promise<void> {
    const own = await runTool("readlink", ["/proc/self/ns/net"]);
    for (let attempt = 0; attempt < 400; attempt += 1) {
      if ((await runTool("readlink", [`/proc/${this.#holder}/ns/net`])) !== own) return;
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
    throw new Error("no network namespace could be made");
  }

  get #entrance(): string {
    return `--net=/proc/${this.#holder}/ns/net`;
  }

  #inside(program: string, args: readonly string[]): Promise<string> {
    return runTool("nsenter", [this.#entrance, program, ...args]);
  }
}
