import type { ReceiverStats, SenderStats, TransformHost } from "../e2ee/worker/index.ts";
import { Scope } from "../lib/scope.ts";
import type { JoinTimings } from "./call-timings.ts";
import type { MediaSession } from "./media/media-session.ts";
import type { TroubleRecord } from "./stream-troubles.ts";

/** Counters of this client. They stay here: nothing of them is sent anywhere. */
export interface CallStats {
  readonly timings: JoinTimings;
  /** Sealed frames of each own stream, and refused ones by cause. */
  readonly sealed: readonly SenderStats[];
  /** Opened frames of each remote stream, and refused ones by cause. */
  readonly opened: readonly ReceiverStats[];
  /** Each remote stream as the browser counts it (W3C webrtc-stats). */
  readonly received: ReadonlyArray<{
    readonly participantId: string;
    readonly source: string;
    readonly report: RTCStatsReport;
  }>;
  /** Streams that could not be opened: the last hundred that are over, then those that last. */
  readonly troubles: readonly TroubleRecord[];
  /** How often missed commits were asked for, the group was entered anew, and the keys came. */
  readonly repairs: {
    readonly asked: number;
    readonly rejoined: number;
    readonly succeeded: number;
  };
}

type FrameStats = Omit<CallStats, "troubles" | "repairs">;

/** Keeps what the transform worker told last of each stream. */
export class FrameCounters {
  readonly #scope = new Scope("frame counters");
  readonly #senders = new Map<string, SenderStats>();
  readonly #receivers = new Map<string, ReceiverStats>();

  constructor(transforms: TransformHost) {
    this.#scope.add(
      transforms.events.on("sender:stats", (stats) => {
        this.#senders.set(stats.id, stats);
      }),
    );
    this.#scope.add(
      transforms.events.on("receiver:stats", (stats) => {
        this.#receivers.set(stats.id, stats);
      }),
    );
  }

  async read(media: MediaSession, timings: JoinTimings): Promise<FrameStats> {
    const streams = media.remote.list;
    const consumerIds = new Set(streams.map((stream) => stream.consumerId));
    for (const id of this.#receivers.keys()) if (!consumerIds.has(id)) this.#receivers.delete(id);
    const received = await Promise.all(
      streams.flatMap(({ participantId, source, receiver }) =>
        receiver === undefined
          ? []
          : [receiver.getStats().then((report) => ({ participantId, source, report }))],
      ),
    );
    const sealed = [...this.#senders.values()];
    return { timings, sealed, opened: [...this.#receivers.values()], received };
  }

  close(): void {
    this.#scope.end("closed");
  }
}
