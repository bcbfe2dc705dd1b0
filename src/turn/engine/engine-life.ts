import type { TurnAddresses } from "../turn-engine.ts";
import type { TurnCertificate, TurnOptions } from "../turn-options.ts";
import type { TurnCounters } from "../turn-stats.ts";

/** What a running engine can be told. */
export type EngineCommand =
  | { readonly type: "drain" }
  | { readonly type: "close"; readonly reason: string }
  /** Those of before are accepted no longer, but for the allocations that they made. */
  | { readonly type: "secrets"; readonly secrets: readonly string[] }
  /** For TLS connections from now on. */
  | { readonly type: "certificate"; readonly certificate: TurnCertificate };

/** What an engine is born with. */
export interface EngineBirth {
  readonly options: TurnOptions;
  readonly counters: TurnCounters;
  /** Told of an error that a packet met with inside the engine. */
  readonly onFault: (reason: string) => void;
}

/** One life of an engine: a thread or a process from its start to its end. */
export interface EngineLife {
  /** Resolves once every listener is bound; rejects with `TurnEngineError` when one can't be. */
  readonly listening: Promise<TurnAddresses>;
  /** Resolves with the reason when the thread or process is gone, whatever ended it. */
  readonly ended: Promise<string>;
  /** Does nothing once it has ended. */
  command(command: EngineCommand): void;
  /** Ends it without asking. */
  kill(): void;
}

export type BeginLife = (birth: EngineBirth) => EngineLife;
