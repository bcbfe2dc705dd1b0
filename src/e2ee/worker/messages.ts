import type { MediaSource } from "../../protocol/media.ts";
import type { EpochKeys } from "../frame/epoch-keys.ts";
import type { SetEpochOptions } from "../frame/keyring.ts";
import type { OpenRefusal, SealRefusal } from "../frame/outcomes.ts";
import type { EncodedFrame } from "./encoded-frame.ts";

/** Which stream a transform is for: the options of its `RTCRtpScriptTransform`. */
export type TransformTarget = SenderTarget | ReceiverTarget;

export interface SenderTarget {
  readonly role: "sender";
  readonly id: string;
  readonly source: MediaSource;
  /** The MIME type of frames that do not say theirs. */
  readonly codec?: string;
}

export interface ReceiverTarget {
  readonly role: "receiver";
  readonly id: string;
  readonly participantId: string;
  readonly source: MediaSource;
  /** The MIME type of frames that do not say theirs. */
  readonly codec?: string;
}

/** The bounds of the worker, each with its default in `DEFAULT_WORKER_SETTINGS`. */
export interface WorkerSettings {
  /** How long frames of an epoch still open after the next one came. */
  readonly oldEpochLifetimeMs: number;
  /** How long a frame waits for the keys of its epoch. */
  readonly holdMs: number;
  /** Frames of one receiver that wait at most. */
  readonly holdLimit: number;
  /** How often counters are told. */
  readonly statsPeriodMs: number;
  /** Refused frames in a row after which a receiver is in trouble. */
  readonly troubleAfterFrames: number;
}

export const DEFAULT_WORKER_SETTINGS: WorkerSettings = {
  oldEpochLifetimeMs: 10_000,
  holdMs: 500,
  holdLimit: 64,
  statsPeriodMs: 1_000,
  troubleAfterFrames: 5,
};

/** Everything that the page says to the worker. */
export type HostMessage =
  | { readonly type: "configure"; readonly settings: WorkerSettings }
  | { readonly type: "set-epoch"; readonly keys: EpochKeys; readonly options: SetEpochOptions }
  | {
      readonly type: "attach";
      readonly target: TransformTarget;
      readonly readable: ReadableStream<EncodedFrame>;
      readonly writable: WritableStream<EncodedFrame>;
    }
  | { readonly type: "detach"; readonly id: string }
  | { readonly type: "request-key-frame"; readonly id: string }
  | { readonly type: "request-stats"; readonly requestId: number };

export interface SenderStats {
  readonly id: string;
  readonly source: MediaSource;
  /** Frames that came, whatever became of them. */
  readonly seen: number;
  /** Of those, frames whose sealing has begun and not ended. */
  readonly underWay: number;
  readonly sealed: number;
  /** By cause; causes that did not occur are 0. */
  readonly dropped: Readonly<Record<SealRefusal, number>>;
  /** Milliseconds from a frame's arrival to its end, of all frames together. */
  readonly busyMs: number;
}

export interface ReceiverStats {
  readonly id: string;
  readonly participantId: string;
  readonly source: MediaSource;
  readonly opened: number;
  /** By cause; causes that did not occur are 0. */
  readonly dropped: Readonly<Record<OpenRefusal, number>>;
  /** Lost frames of audio that were put in by way of their successors. */
  readonly repaired: number;
  /** Frames that wait for keys right now. */
  readonly held: number;
  /** Milliseconds spent on opening, of all frames together. Waiting for keys does not count. */
  readonly busyMs: number;
}

/** Everything that the worker says to the page. Never a key, never media. */
export type WorkerMessage =
  | {
      readonly type: "stats";
      /** Of the request that this answers; undefined when it is the periodic one. */
      readonly requestId: number | undefined;
      readonly senders: readonly SenderStats[];
      readonly receivers: readonly ReceiverStats[];
    }
  | { readonly type: "receiver-trouble"; readonly id: string; readonly cause: OpenRefusal }
  | { readonly type: "receiver-recovered"; readonly id: string }
  | { readonly type: "stream-failed"; readonly id: string; readonly reason: string };
