import { Worker } from "node:worker_threads";
import type { TurnAddresses } from "../turn-engine.ts";
import { TurnEngineError } from "../turn-engine.ts";
import type { EngineBirth, EngineLife } from "./engine-life.ts";
import type { ThreadData, ThreadReport } from "./thread-messages.ts";

/** Far above what the limits add up to: a leak ends the thread, not the process. */
const heapMegabytes = 256;

/** `entry` is a module that calls `serveThread`. */
export function spawnThread(entry: URL, data: ThreadData): Worker {
  return new Worker(entry, {
    name: "turn",
    workerData: data,
    // The environment may hold secrets that are none of the relay's business.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  });
}

/** The life of an engine in a thread. */
export function threadLife(worker: Worker, { onFault }: EngineBirth): EngineLife {
  const listening = new Promise<TurnAddresses>((resolve, reject) => {
    worker.on("message", (report: ThreadReport) => {
      if (report.type === "listening") resolve(report.addresses);
      else if (report.type === "listen-failed") {
        reject(new TurnEngineError("listen-failed", report.message));
      } else if (report.type === "fault") onFault(report.message);
    });
    worker.once("exit", () => {
      reject(new TurnEngineError("engine-failed", "the TURN thread ended before it listened"));
    });
  });
  let reason = "it ended by itself";
  worker.on("error", (error) => {
    reason = error instanceof Error ? error.message : String(error);
  });
  const ended = new Promise<string>((resolve) => {
    worker.once("exit", () => {
      resolve(reason);
    });
  });
  return {
    listening,
    ended,
    command: (command) => {
      worker.postMessage(command, []);
    },
    kill: () => void worker.terminate(),
  };
}
