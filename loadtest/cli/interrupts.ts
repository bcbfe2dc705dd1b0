import type { LoadRun } from "../coordinator/load-run.ts";
import type { LiveOutput } from "../report/live-output.ts";
import { EXIT } from "./exit-codes.ts";

/**
 * The first Ctrl-C ends the run with a partial report, the second at once. What was started here
 * (agents, engines, a service) ends with this process in any case, as each follows its channel to it.
 */
export class Interrupts {
  readonly #live: LiveOutput;
  readonly #controller = new AbortController();
  #run: LoadRun | undefined;
  #reason: string | undefined;

  constructor(live: LiveOutput) {
    this.#live = live;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        this.#interrupt(signal);
      });
    }
    // Set-up started us and is gone, so nobody waits for a report.
    if (process.connected) {
      process.once("disconnect", () => {
        this.#interrupt("whoever started it is gone");
      });
    }
  }

  /** Aborted by the first one: what a run is waiting for before it begins comes to an end by it. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on an interruption ends this run, and one that came before does so at once. */
  follow(run: LoadRun): void {
    this.#run = run;
    if (this.#reason !== undefined) run.interrupt(this.#reason);
  }

  #interrupt(reason: string): void {
    if (this.#reason !== undefined) process.exit(EXIT.interrupted);
    this.#reason = reason;
    this.#live.say("ending: everybody leaves");
    this.#controller.abort();
    this.#run?.interrupt(reason);
  }
}
