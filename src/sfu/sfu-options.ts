import { availableParallelism } from "node:os";
import type { Clock } from "../lib/clock.ts";
import { systemClock } from "../lib/clock.ts";
import type { Logger } from "../observability/index.ts";
import { silentLogger } from "../observability/index.ts";

/** An address to listen on, and the one that clients are told when they reach it by another. */
export interface ListenAddress {
  /** IPv4 or IPv6. The unspecified addresses (`0.0.0.0`, `::`) need an `announcedAddress`. */
  readonly ip: string;
  /** Address or host name that stands in the ICE candidates instead of `ip`. */
  readonly announcedAddress?: string;
}

/** All of them whole numbers; what exceeds one is refused with the code that stands beside it. */
export interface SfuLimits {
  /** `server-full`. */
  readonly rooms: number;
  /** Transports that one worker carries: `server-full` once all workers are full. */
  readonly transportsPerWorker: number;
  /** Two directions, each twice while a participant is moved: `transport-exists`. */
  readonly transportsPerParticipant: number;
  /** `producer-limit`. */
  readonly producersPerRoom: number;
  /** `producer-limit`. */
  readonly producersPerTransport: number;
  /** One core forwards about 500 streams: `consumer-limit`, and no more participants there. */
  readonly consumersPerWorker: number;
  /** `consumer-limit`. */
  readonly consumersPerTransport: number;
  /** Simulcast layers of one video: `unsupported-media`. */
  readonly encodingsPerProducer: number;
}

export interface SfuRates {
  /** What a sender is told to stay under, by REMB or transport-cc, over all of its streams. */
  readonly maxIncomingBitrateBps: number;
  /** Where the bandwidth estimate of a receiver begins. */
  readonly initialOutgoingBitrateBps: number;
  /** Below this it does not fall. At least 30,000; 0 leaves it to mediasoup, which ends there. */
  readonly minOutgoingBitrateBps: number;
  /**
   * At most one key frame is asked of a sender's stream in this time. Browsers pass over a request
   * within 300 ms of the last one (libwebrtc's encoder_rtcp_feedback.cc), and the worker repeats it
   * only after a second: stay above that.
   */
  readonly keyFrameIntervalMs: number;
}

export interface SfuOptions {
  /** One for each core unless given. */
  readonly workerCount?: number;
  /** Absolute path of the mediasoup worker; where the package has its own unless given. */
  readonly workerBin?: string;
  readonly listen: readonly ListenAddress[];
  /** Worker i listens on UDP and TCP `port + i`; 0 lets each pick free ports. */
  readonly port: number;
  /**
   * How many streams of difference in load it takes before a participant is placed on a worker
   * where the room has nobody yet. 0 always takes the least loaded worker. See placement.ts.
   */
  readonly spreadThreshold?: number;
  readonly limits?: Partial<SfuLimits>;
  readonly rates?: Partial<SfuRates>;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

export interface ResolvedSfuOptions {
  readonly workerCount: number;
  readonly workerBin: string | undefined;
  readonly listen: readonly ListenAddress[];
  readonly port: number;
  readonly spreadThreshold: number;
  readonly limits: SfuLimits;
  readonly rates: SfuRates;
  readonly logger: Logger;
  readonly clock: Clock;
}

export const DEFAULT_SFU_LIMITS: SfuLimits = {
  rooms: 10_000,
  transportsPerWorker: 2_000,
  transportsPerParticipant: 4,
  producersPerRoom: 4_000,
  producersPerTransport: 16,
  consumersPerWorker: 1_000,
  consumersPerTransport: 500,
  encodingsPerProducer: 3,
};

export const DEFAULT_SFU_RATES: SfuRates = {
  maxIncomingBitrateBps: 6_000_000,
  initialOutgoingBitrateBps: 2_000_000,
  minOutgoingBitrateBps: 300_000,
  keyFrameIntervalMs: 400,
};

const DEFAULT_SPREAD_THRESHOLD = 60;

/** Fills in the defaults. Throws `RangeError` for what could not work. */
export function resolveSfuOptions(options: SfuOptions): ResolvedSfuOptions {
  const resolved: ResolvedSfuOptions = {
    workerCount: options.workerCount ?? availableParallelism(),
    workerBin: options.workerBin,
    listen: options.listen,
    port: options.port,
    spreadThreshold: options.spreadThreshold ?? DEFAULT_SPREAD_THRESHOLD,
    limits: { ...DEFAULT_SFU_LIMITS, ...options.limits },
    rates: { ...DEFAULT_SFU_RATES, ...options.rates },
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
  };
  checkWhole("workerCount", resolved.workerCount, 1);
  checkWhole("port", resolved.port, 0);
  checkWhole("spreadThreshold", resolved.spreadThreshold, 0);
  for (const [name, value] of Object.entries({ ...resolved.limits }))
    checkWhole(`limits.${name}`, value, 1);
  for (const [name, value] of Object.entries({ ...resolved.rates }))
    checkWhole(`rates.${name}`, value, 0);
  checkListening(resolved);
  return resolved;
}

function checkListening({ listen, port, workerCount }: ResolvedSfuOptions): void {
  if (listen.length === 0) throw new RangeError("listen needs at least one address");
  if (port > 0 && port + workerCount - 1 > 65_535) {
    throw new RangeError(`port ${port} leaves no room for ${workerCount} workers`);
  }
  for (const { ip, announcedAddress } of listen) {
    // A candidate with the unspecified address can be reached by nobody (RFC 8445 section 5.1.1.1).
    if ((ip === "0.0.0.0" || ip === "::") && announcedAddress === undefined) {
      throw new RangeError(`listening on ${ip} needs an announcedAddress that clients can reach`);
    }
  }
}

function checkWhole(name: string, value: number, min: number): void {
  if (!Number.isSafeInteger(value) || value < min) {
    throw new RangeError(`${name} must be a whole number of at least ${min}, not ${value}`);
  }
}
