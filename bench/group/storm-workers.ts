import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Invitation } from "../../src/e2ee/invitation/index.ts";
import type { StormAnswers, StormRequest, StormWorkerData } from "./storm-messages.ts";

/** As many as the machine has cores, for each computes for others. */
const WORKERS = 2;

export class StormWorkers {
  readonly #workers: Worker[];

  constructor(invitation: Invitation) {
    const workerData: StormWorkerData = { invitation };
    const file = new URL("./storm-worker.ts", import.meta.url);
    this.#workers = Array.from({ length: WORKERS }, () => new Worker(file, { workerData }));
  }

  /** KeyPackages of so many. All that are asked for at once are let in by one commit. */
  async newcomers(count: number): Promise<readonly Uint8Array[]> {
    const first = Math.ceil(count / WORKERS);
    const counts = Array.from({ length: WORKERS }, (_, index) =>
      Math.max(0, Math.min(first, count - index * first)),
    );
    const made = await Promise.all(
      this.#workers.map((worker, index) =>
        ask<"newcomers">(worker, { kind: "newcomers", count: counts[index] ?? 0 }),
      ),
    );
    return made.flat();
  }

  /** All enter and follow to the end, or as many as there is time for. `welcomes` are in the order of `newcomers`. */
  async follow(
    commits: readonly Uint8Array[],
    welcomes: readonly Uint8Array[],
    budgetMs: number,
  ): Promise<StormAnswers["follow"]> {
    const request = { kind: "follow", commits, welcomes, budgetMs } as const;
    const members = await Promise.all(
      this.#workers.map((worker) => ask<"follow">(worker, request)),
    );
    return members.flat();
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

async function ask<Kind extends keyof StormAnswers>(
  worker: Worker,
  request: StormRequest,
): Promise<StormAnswers[Kind]> {
  const answered = once(worker, "message");
  worker.postMessage(request, []);
  const [answer]: StormAnswers[Kind][] = await answered;
  if (answer === undefined) throw new Error("a worker did not answer");
  return answer;
}
