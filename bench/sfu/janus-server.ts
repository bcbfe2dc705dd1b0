import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { MediaEngine } from "../../loadtest/engine/media-engine.ts";
import { janusProgram } from "../../scripts/setup/janus.mjs";
import { runCommand } from "../../scripts/setup/run-command.mjs";
import { freePort } from "../../test/support/free-port.ts";
import { writeJanusConfig } from "./janus-config.ts";
import { JanusRoom } from "./janus-room.ts";
import { JanusSession } from "./janus-session.ts";
import type { ServerRoom, TestedServer } from "./tested-server.ts";

const START_MS = 20_000;
const LOOK_EVERY_MS = 50;

/** Janus as a process of its own. */
export class JanusServer implements TestedServer {
  readonly name = "janus";
  readonly version: string;
  readonly controlPids = [];
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #url: string;
  readonly #ended: Promise<unknown>;
  #output = "";

  static async start(): Promise<JanusServer> {
    const { tail } = await runCommand(janusProgram, ["--version"]);
    const server = new JanusServer(/\(([\d.]+)\)/.exec(tail)?.[1] ?? "unknown", await freePort());
    try {
      await server.#answers();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  private constructor(version: string, port: number) {
    this.version = version;
    this.#folder = mkdtempSync(join(tmpdir(), "aparte-janus-"));
    this.#url = `ws://127.0.0.1:${port}`;
    writeJanusConfig(this.#folder, port);
    this.#process = spawn(janusProgram, ["--configs-folder", this.#folder], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output = `${this.#output}${text}`.slice(-10_000);
      });
    }
    this.#ended = new Promise((resolve) => {
      this.#process.once("close", resolve);
    });
  }

  get mediaPids(): readonly number[] {
    const { pid } = this.#process;
    return pid === undefined ? [] : [pid];
  }

  async openRoom(engine: MediaEngine): Promise<ServerRoom> {
    return JanusRoom.create(engine, await JanusSession.open(this.#url));
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Resolves when it takes connections. */
  async #answers(): Promise<void> {
    const deadlineMs = Date.now() + START_MS;
    for (;;) {
      try {
        const session = await JanusSession.open(this.#url);
        session.close();
        return;
      } catch (error) {
        if (this.#process.exitCode !== null || Date.now() > deadlineMs) {
          throw new Error(`Janus didn't start:\n${this.#output}`, { cause: error });
        }
      }
      await sleep(LOOK_EVERY_MS);
    }
  }
}
