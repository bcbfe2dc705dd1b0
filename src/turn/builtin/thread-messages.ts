import type { TurnAddresses } from "../turn-engine.ts";
import type { TurnOptions } from "../turn-options.ts";

/** What the engine's thread is born with. */
export interface ThreadData {
  readonly options: TurnOptions;
  /** Of `TurnCounters`. */
  readonly counters: SharedArrayBuffer;
}

/** From the main thread to the engine's. */
export type ThreadCommand =
  | { readonly type: "drain" }
  | { readonly type: "close"; readonly reason: string };

/** From the engine's thread to the main one. After `closed` the thread ends by itself. */
export type ThreadReport =
  | { readonly type: "listening"; readonly addresses: TurnAddresses }
  | { readonly type: "listen-failed"; readonly message: string }
  | { readonly type: "fault"; readonly message: string }
  | { readonly type: "closed" };
