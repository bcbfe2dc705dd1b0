import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TurnEngineName } from "../../src/turn/turn-options.ts";

export interface ServerReport {
  readonly port: number;
  /** The process that relays. */
  readonly relayPid: number;
  /** How late timers of the process that supervises the engine were, since the last report. */
  readonly loopDelayP99Ms: number;
}

/** An engine under measurement, in a process of its own. */
export class RelayServer {
  readonly engine: TurnEngineName;
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #relayPid: number;

  private constructor(engine: TurnEngineName, child: ChildProcess, report: ServerReport) {
    this.engine = engine;
    this.port = report.port;
    this.#process = child;
    this.#relayPid = report.relayPid;
  }

  static async start(engine: TurnEngineName, secret: string): Promise<RelayServer> {
    const script = fileURLToPath(new URL("./serve.ts", import.meta.url));
    const child = fork(script, [engine, secret]);
    return new RelayServer(engine, child, await nextReport(child));
  }

  /** CPU time of all threads so far, in nanoseconds, by the kernel's scheduler. */
  cpuNs(): number {
    const folder = `/proc/${this.#relayPid}/task`;
    return readdirSync(folder)
      .map((task) => readFileSync(`${folder}/${task}/schedstat`, "utf8"))
      .reduce((sum, text) => sum + Number(text.split(" ")[0]), 0);
  }

  async loopDelayP99Ms(): Promise<number> {
    const report = nextReport(this.#process);
    this.#process.send("report");
    return (await report).loopDelayP99Ms;
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.send("close");
    await ended;
  }
}

async function nextReport(child: ChildProcess): Promise<ServerReport> {
  const [report]: ServerReport[] = await once(child, "message", {
    signal: AbortSignal.timeout(20_000),
  });
  if (report === undefined) throw new Error("the server reported nothing");
  return report;
}
