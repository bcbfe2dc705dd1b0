import type { HostMessage, WorkerMessage } from "./messages.ts";

export type StatsMessage = Extract<WorkerMessage, { type: "stats" }>;

interface ChannelListener {
  message(message: WorkerMessage): void;
  /** The worker could not be started, or threw. */
  failed(reason: string): void;
}

/** Typed messages to and from the worker, and requests that it answers. */
export class WorkerChannel {
  readonly #worker: Worker;
  readonly #listener: ChannelListener;
  readonly #waiting = new Map<number, (stats: StatsMessage) => void>();
  #lastRequestId = 0;

  constructor(worker: Worker, listener: ChannelListener) {
    this.#worker = worker;
    this.#listener = listener;
    worker.addEventListener("message", this.#onMessage);
    worker.addEventListener("error", this.#onError);
    worker.addEventListener("messageerror", this.#onError);
  }

  post(message: HostMessage): void {
    this.#worker.postMessage(message satisfies HostMessage, []);
  }

  /** Resolves with counters that are newer than the call; never, when the worker is gone. */
  requestStats(): Promise<StatsMessage> {
    this.#lastRequestId += 1;
    const requestId = this.#lastRequestId;
    return new Promise((resolve) => {
      this.#waiting.set(requestId, resolve);
      this.post({ type: "request-stats", requestId });
    });
  }

  /** Ends the worker at once. */
  close(): void {
    this.#worker.removeEventListener("message", this.#onMessage);
    this.#worker.removeEventListener("error", this.#onError);
    this.#worker.removeEventListener("messageerror", this.#onError);
    this.#worker.terminate();
    this.#waiting.clear();
  }

  readonly #onMessage = (event: MessageEvent<WorkerMessage>): void => {
    const message = event.data;
    if (message.type === "stats" && message.requestId !== undefined) {
      this.#waiting.get(message.requestId)?.(message);
      this.#waiting.delete(message.requestId);
    }
    this.#listener.message(message);
  };

  readonly #onError = (event: Event): void => {
    // A script that cannot be loaded gives a plain event, without a message.
    const message: unknown = Reflect.get(event, "message");
    const isTold = typeof message === "string" && message !== "";
    this.#listener.failed(isTold ? message : "the worker could not be started");
  };
}
