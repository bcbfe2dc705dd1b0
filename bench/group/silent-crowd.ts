import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { SilentRequest, SilentWorkerData } from "./silent-messages.ts";

/** Members with a leaf and a connection who never compute a key, in a thread of their own. */
export class SilentCrowd {
  readonly #worker: Worker;
  #ids: readonly string[] = [];

  constructor(workerData: SilentWorkerData) {
    this.#worker = new Worker(new URL("./silent-worker.ts", import.meta.url), { workerData });
  }

  get size(): number {
    return this.#ids.length;
  }

  /** Who leaves next. */
  get latest(): string {
    const latest = this.#ids.at(-1);
    if (latest === undefined) throw new Error("nobody is left to leave");
    return latest;
  }

  /** So many come at the same moment. */
  enter(count: number): Promise<void> {
    return this.#ask({ kind: "enter", count });
  }

  /** The latest one goes. */
  leave(): Promise<void> {
    return this.#ask({ kind: "leave" });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #ask(request: SilentRequest): Promise<void> {
    const answered = once(this.#worker, "message");
    this.#worker.postMessage(request, []);
    const [ids]: (readonly string[])[] = await answered;
    this.#ids = ids ?? [];
  }
}
