import type { Emitter } from "../lib/emitter.ts";
import type { TurnCertificate, TurnTransport } from "./turn-options.ts";
import type { TurnStats } from "./turn-stats.ts";

export interface TurnListenerAddress {
  readonly protocol: TurnTransport;
  readonly address: string;
  readonly port: number;
}

/** What is bound once an engine runs, in the order of the options. */
export interface TurnAddresses {
  readonly listeners: readonly TurnListenerAddress[];
}

export interface TurnEngineEvents {
  /** The engine's thread or process ended by itself; it is started again after `restartInMs`. */
  "engine:died": { readonly reason: string; readonly restartInMs: number };
  /** It serves again, on the same addresses. Clients make new allocations by an ICE restart. */
  "engine:restarted": TurnAddresses;
  /** The engine failed on a packet and dropped it: worth a report to us. At most one a second. */
  "engine:fault": { readonly reason: string };
}

export interface DrainOptions {
  /** Allocations that live on after this time are given up. */
  readonly deadlineMs: number;
}

export interface DrainResult {
  /** Allocations at the deadline: 0 when all had gone before. */
  readonly remaining: number;
}

/**
 * A relay of media for clients that can't reach an SFU directly (RFC 8656). An engine owns sockets
 * and a thread or process; credentials, policy, limits and addresses come with its `TurnOptions`.
 */
export interface TurnEngine {
  readonly events: Emitter<TurnEngineEvents>;

  /**
   * Resolves once every listener is bound. Rejects with `TurnEngineError` when one can't be (then
   * nothing is left open), and with `ClosedError` when the engine is closed meanwhile or before.
   */
  start(): Promise<TurnAddresses>;

  /**
   * From now on these are accepted and no others, but for allocations that stand. Throws
   * `TurnEngineError` `bad-options` for secrets that could not be options, and `ClosedError`.
   */
  useSecrets(secrets: readonly string[]): void;

  /** For TLS connections from now on, if there is such a listener. Throws as `useSecrets` does when it is no certificate and key. */
  useCertificate(certificate: TurnCertificate): void;

  /** Refuses new allocations (508) and resolves when the last one is gone, or at the deadline. */
  drain(options: DrainOptions): Promise<DrainResult>;

  /** Ends all allocations and listeners. May be called again; later calls wait for the same end. */
  close(reason: string): Promise<void>;

  /** Cheap, never waits, works before the start and after the close. */
  stats(): TurnStats;
}

export type TurnErrorCode =
  | "bad-options"
  /** The engine can't do what the options ask for; another one can. */
  | "engine-unfit"
  /** The engine's program is not installed; the message says how to mend that. */
  | "engine-missing"
  | "listen-failed"
  | "engine-failed";

export class TurnEngineError extends Error {
  readonly code: TurnErrorCode;

  constructor(code: TurnErrorCode, message: string) {
    super(message);
    this.name = "TurnEngineError";
    this.code = code;
  }
}
