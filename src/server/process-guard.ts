import { constants } from "node:os";
import { type Logger, loggableError } from "../observability/index.ts";

/** Why the process shall end, and with which code if that goes in order. */
export interface EndOrder {
  readonly reason: "asked" | "crashed";
  readonly exitCode: 0 | 1;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
const CRASHES = ["uncaughtException", "unhandledRejection"] as const;

/**
 * Listens to what may end the process. The first signal or crash resolves `order`; a second one
 * ends the process at once, for who doesn't want to wait.
 */
export class ProcessGuard {
  readonly order: Promise<EndOrder>;
  readonly #logger: Logger;
  readonly #remove: (() => void)[] = [];
  #resolve: (order: EndOrder) => void = () => {};
  #ordered = false;

  constructor(logger: Logger) {
    this.#logger = logger;
    this.order = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    for (const signal of SIGNALS) {
      this.#on(signal, () => {
        this.#asked(signal);
      });
    }
    this.#followLauncher();
    // By default it opens Node's inspector, through which all memory can be read.
    this.#on("SIGUSR1", () => {
      logger.warn("SIGUSR1 passed over: the inspector stays shut");
    });
    for (const crash of CRASHES) {
      this.#on(crash, (error: unknown) => {
        this.#crashed(crash, error);
      });
    }
  }

  /** Calls back on each SIGHUP, which by default would end the process. */
  onHangUp(callback: () => void): void {
    this.#on("SIGHUP", callback);
  }

  /** From here on Node does what it does by default. */
  release(): void {
    for (const remove of this.#remove.splice(0)) remove();
  }

  /** Who was started over a channel (Node's IPC) ends when the other end of it is gone. */
  #followLauncher(): void {
    if (!process.connected) return;
    this.#on("disconnect", () => {
      if (this.#ordered) return;
      this.#logger.warn("whoever started this process is gone");
      this.#order({ reason: "asked", exitCode: 0 });
    });
    process.channel?.unref();
  }

  #asked(signal: (typeof SIGNALS)[number]): void {
    if (this.#ordered) process.exit(128 + constants.signals[signal]);
    this.#logger.info({ signal }, "asked to end");
    this.#order({ reason: "asked", exitCode: 0 });
  }

  /** What has thrown where nobody expected it may have left anything half done. */
  #crashed(crash: (typeof CRASHES)[number], error: unknown): void {
    this.#logger.fatal({ crash, error: loggableError(error) }, "crashed");
    if (this.#ordered) process.exit(1);
    this.#order({ reason: "crashed", exitCode: 1 });
  }

  #order(order: EndOrder): void {
    this.#ordered = true;
    this.#resolve(order);
  }

  #on(event: string, listener: (argument: unknown) => void): void {
    process.on(event, listener);
    this.#remove.push(() => {
      process.removeListener(event, listener);
    });
  }
}
