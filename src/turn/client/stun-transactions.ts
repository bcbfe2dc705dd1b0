import { systemClock } from "../../lib/clock.ts";
import { Scope } from "../../lib/scope.ts";
import { StunReader } from "../wire/stun-reader.ts";
import { messageClass } from "../wire/stun.ts";
import { TurnClientError } from "./client-error.ts";

/** RFC 8489 section 6.2.1. */
const firstResendMs = 500;

export interface StunTransactionsOptions {
  readonly send: (bytes: Buffer) => void;
  /** Requests are sent again until they are answered. */
  readonly lossy: boolean;
  /** How long an answer may take. */
  readonly timeoutMs: number;
}

interface Waiting {
  readonly resolve: (answer: StunReader) => void;
  readonly reject: (error: TurnClientError) => void;
}

/** The requests of one client that wait for their answers, told apart by transaction id. */
export class StunTransactions {
  readonly #options: StunTransactionsOptions;
  readonly #scope = new Scope("STUN transactions", systemClock);
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: StunTransactionsOptions) {
    this.#options = options;
  }

  /** Resolves with the answer, be it a success or an error. Rejects with `TurnClientError`. */
  ask(request: Buffer): Promise<StunReader> {
    this.#scope.assertOpen();
    const id = idOf(request);
    const { timeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const timeout = this.#scope.after(timeoutMs, () => {
        this.#settle(id)?.reject(new TurnClientError("timed-out", "no answer came"));
      });
      const stopResending = this.#resend(request, id, firstResendMs);
      const stop = () => {
        timeout();
        stopResending();
      };
      this.#waiting.set(id, {
        resolve: (answer) => {
          stop();
          resolve(answer);
        },
        reject: (error) => {
          stop();
          reject(error);
        },
      });
      this.#options.send(request);
    });
  }

  /** True when `bytes` is the answer to a request that waits. */
  take(bytes: Buffer): boolean {
    const answer = new StunReader();
    if (!answer.parse(bytes, 0, bytes.length)) return false;
    if (answer.class !== messageClass.success && answer.class !== messageClass.error) return false;
    const waiting = this.#settle(idOf(bytes));
    waiting?.resolve(answer);
    return waiting !== undefined;
  }

  /** Requests that wait are rejected. May be called again. */
  close(reason: string): void {
    for (const id of [...this.#waiting.keys()]) {
      this.#settle(id)?.reject(new TurnClientError("unreachable", reason));
    }
    this.#scope.end(reason);
  }

  #settle(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  /** Each time after twice the time. The returned function ends it. */
  #resend(request: Buffer, id: string, afterMs: number): () => void {
    if (!this.#options.lossy) return () => {};
    let cancel = () => {};
    const again = (delayMs: number) => {
      cancel = this.#scope.after(delayMs, () => {
        if (!this.#waiting.has(id)) return;
        this.#options.send(request);
        again(delayMs * 2);
      });
    };
    again(afterMs);
    return () => {
      cancel();
    };
  }
}

function idOf(message: Buffer): string {
  return message.toString("latin1", 8, 20);
}
