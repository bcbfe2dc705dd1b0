import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
/** What real browsers need, which set-up builds; synthetic participants need no page. */
const BUILT_PAGE = fileURLToPath(new URL("../../dist/web", import.meta.url));
const STAND_IN_PAGE = fileURLToPath(new URL("page", import.meta.url));
/** A machine under load takes long; whoever fails to start ends, and is told at once. */
const START_MS = 120_000;
const END_MS = 10_000;

/**
 * A service for a run without a target: on loopback, with the limits raised that protect a real one
 * from a single address that behaves like a load test.
 */
const FLAGS: Readonly<Record<string, string>> = {
  "--http-host": "127.0.0.1",
  "--http-print-link": "never",
  "--admin-port": "0",
  "--sfu-addresses": "127.0.0.1",
  "--sfu-port": "0",
  "--sfu-consumers-per-worker": "100000",
  "--turn-port": "0",
  "--turn-addresses": "127.0.0.1",
  "--turn-relay-addresses": "127.0.0.1",
  "--turn-allowed-peers": "127.0.0.1",
  "--turn-unauthenticated-per-s": "10000",
  "--turn-allocations": "10000",
  "--signaling-connections-per-address": "20000",
  "--log-format": "json",
  "--log-level": "info",
};

/** The service could not start; with the last that it said. */
export class OwnServiceError extends Error {
  readonly code = "own-service";
}

export interface OwnServiceOptions {
  /** Of media; one a core when undefined. */
  readonly workers?: number | undefined;
  /** Whether real browsers will come. */
  readonly withPage?: boolean;
}

interface Ready {
  readonly origin: string;
  readonly adminOrigin: string;
}

/** `aparte serve` as a process of its own, which may be killed and started again. */
export class OwnService {
  #child: ChildProcess;
  #ready: Ready;
  readonly #options: OwnServiceOptions;

  /** Rejects with what the service said when it can't start. */
  static async start(options: OwnServiceOptions = {}): Promise<OwnService> {
    const { child, ready } = await launch("0", options);
    return new OwnService(child, ready, options);
  }

  private constructor(child: ChildProcess, ready: Ready, options: OwnServiceOptions) {
    this.#child = child;
    this.#ready = ready;
    this.#options = options;
  }

  get origin(): string {
    return this.#ready.origin;
  }

  get metricsUrl(): string {
    return `${this.#ready.adminOrigin}/metrics`;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Process ids of its media workers, where the system tells. */
  get workerPids(): number[] {
    try {
      const { pid } = this.#child;
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1");
      return children.trim().split(" ").filter(Boolean).map(Number);
    } catch {
      return [];
    }
  }

  /** The first worker, as if it had crashed. Throws when it can't be found. */
  killWorker(): void {
    const [worker] = this.workerPids;
    if (worker === undefined) throw new Error("no media worker of the service can be found");
    process.kill(worker, "SIGKILL");
  }

  /** Ends the service (in order, or as if it had crashed) and starts it at the same address. */
  async restart(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    await this.#end(signal);
    const { port } = new URL(this.origin);
    const { child, ready } = await launch(port, this.#options);
    this.#child = child;
    this.#ready = ready;
  }

  async close(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
    await exited;
    clearTimeout(timer);
  }
}

async function launch(
  port: string,
  { workers, withPage = false }: OwnServiceOptions,
): Promise<{ child: ChildProcess; ready: Ready }> {
  const flags = {
    ...FLAGS,
    "--http-port": port,
    "--http-page-directory": withPage ? BUILT_PAGE : STAND_IN_PAGE,
    ...(workers === undefined ? {} : { "--sfu-workers": String(workers) }),
  };
  const args = [MAIN, "serve", ...Object.entries(flags).flat()];
  const child = spawn(process.execPath, args, {
    // By the channel it learns when we are gone, even if we were killed.
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    // Ctrl-C is the coordinator's alone: the service goes when everybody has left.
    detached: true,
  });
  const ready = await new Promise<Ready>((resolve, reject) => {
    const said: string[] = [];
    const fail = (why: string) => {
      child.kill("SIGKILL");
      reject(new OwnServiceError(`the service ${why}\n${said.slice(-10).join("\n")}`));
    };
    const timer = setTimeout(() => {
      fail("was not ready in time");
    }, START_MS);
    child.once("error", (error) => {
      fail(error.message);
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      fail(`ended (${String(code)})`);
    });
    if (child.stderr === null) throw new TypeError("the service has no standard error");
    createInterface({ input: child.stderr }).on("line", (line) => {
      said.push(line);
      if (said.length > 100) said.shift();
      const found = readyOf(line);
      if (found === undefined) return;
      clearTimeout(timer);
      child.removeAllListeners("exit");
      resolve(found);
    });
  });
  return { child, ready };
}

/** The line that the service writes for machinery which starts it on free ports. */
function readyOf(line: string): Ready | undefined {
  if (!line.startsWith("{") || !line.includes('"ready"')) return undefined;
  const entry: { msg?: string; httpPort?: number; admin?: string } = JSON.parse(line);
  if (entry.msg !== "ready" || entry.httpPort === undefined) return undefined;
  return {
    origin: `http://127.0.0.1:${entry.httpPort}`,
    adminOrigin: entry.admin ?? "",
  };
}
