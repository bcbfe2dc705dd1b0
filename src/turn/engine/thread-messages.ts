import type { TurnAddresses } from "../turn-engine.ts";
import type { TurnOptions } from "../turn-options.ts";

/** What an engine's thread is born with. */
export interface ThreadData {
  readonly options: TurnOptions;
  /** Of `TurnCounters`. */
  readonly counters: SharedArrayBuffer;
}

/** From the engine's thread to the main one. After `closed` the thread ends by itself. */
export type ThreadReport =
  | { readonly type: "listening"; readonly addresses: TurnAddresses }
  | { readonly type: "listen-failed"; readonly message: string }
  | { readonly type: "fault"; readonly message: string }
  | { readonly type: "closed" };
