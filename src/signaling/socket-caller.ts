import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../observability/index.ts";
import { loggableError } from "../observability/index.ts";
import type { ClientRequestName, ErrorCode } from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";
import type { Caller } from "./bind.ts";
import type { Session } from "./session.ts";
import type { CutReason, SignalingMetrics } from "./signaling-metrics.ts";
import type { SignalingOptions } from "./signaling-options.ts";
import { TokenBucket } from "./token-bucket.ts";

/** What no client sends that follows the protocol. A connection may do it a few times. */
const OFFENCES: ReadonlySet<ErrorCode | "ok"> = new Set([
  "bad-request",
  "unknown-request",
  "rate-limited",
]);

export interface SocketCallerContext {
  readonly options: SignalingOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SignalingMetrics;
  readonly cut: (reason: CutReason) => void;
}

/** Holds one connection to its limits of requests, and counts what it is answered. */
export class SocketCaller implements Caller<Session> {
  readonly context: Session;
  readonly #options: SignalingOptions;
  readonly #context: SocketCallerContext;
  readonly #requests: TokenBucket;
  readonly #offences: TokenBucket;
  #pending = 0;

  constructor(session: Session, context: SocketCallerContext) {
    const { options, clock } = context;
    this.context = session;
    this.#options = options;
    this.#context = context;
    this.#requests = new TokenBucket(options.requestsPerSecond, options.requestBurst, clock);
    this.#offences = new TokenBucket(options.offencesPerSecond, options.offenceBurst, clock);
  }

  admit(): void {
    this.#pending += 1;
    if (this.#pending > this.#options.pendingRequests || !this.#requests.take(1)) {
      throw new ProtocolError("rate-limited");
    }
  }

  answered(name: ClientRequestName | "unknown", code: ErrorCode | "ok", error?: unknown): void {
    this.#pending -= 1;
    const { metrics, logger, cut } = this.#context;
    metrics.requestAnswered(name, code);
    if (error !== undefined && !(error instanceof ProtocolError)) {
      logger.error({ request: name, error: loggableError(error) }, "request failed");
    }
    if (OFFENCES.has(code) && !this.#offences.take(1)) cut("too-many-offences");
  }
}
