import type { Clock } from "../../lib/clock.ts";
import { Scope } from "../../lib/scope.ts";

/** What a browser says that a sender has sent since it began. */
export interface SentMedia {
  readonly packets: number;
  /** Undefined for audio, which has no such counter. */
  readonly framesEncoded: number | undefined;
}

/**
 * - `unsealed`: packets leave, and no frame of them has passed the transform.
 * - `stalled`: the encoder works, no frame reaches the transform, and nothing leaves.
 */
export type WatchdogVerdict = "unsealed" | "stalled";

/** What the worker says of one sender's frames since it began. */
export interface SeenFrames {
  /** Frames that have reached the transform, sealed or dropped. */
  readonly seen: number;
  /** Of those, frames whose sealing has begun and not ended. */
  readonly underWay: number;
}

/** One sender as the watchdog sees it. */
export interface WatchedSender {
  readonly id: string;
  /** Undefined while there is nothing to say, as before the connection is up. */
  readSent(): Promise<SentMedia | undefined>;
}

export interface WatchdogPort {
  senders(): readonly WatchedSender[];
  /** By sender id. */
  readSeen(): Promise<ReadonlyMap<string, SeenFrames>>;
  verdict(id: string, verdict: WatchdogVerdict): void;
}

interface Baseline {
  readonly sent: SentMedia;
  readonly seen: number;
  /** Nothing has been seen since an earlier look, so that nothing was under way at this one. */
  readonly settled: boolean;
}

/** Enough to rule out what was on its way when the two sides were read. */
const MIN_PACKETS = 10;
const MIN_FRAMES = 5;

const NONE_SEEN: SeenFrames = { seen: 0, underWay: 0 };

/**
 * Proves that media passes the transform. A browser may ignore one that was set, and would say
 * nothing; so what it says it has sent is held against what the worker has seen. Padding and
 * retransmissions are no evidence: video counts by the frames that the encoder made, and any
 * frame that the transform sees, sealed or dropped, starts the count anew.
 */
export class TransformWatchdog {
  readonly #port: WatchdogPort;
  readonly #scope: Scope;
  readonly #baselines = new Map<string, Baseline>();
  #isChecking = false;

  constructor(port: WatchdogPort, clock: Clock, periodMs: number) {
    this.#port = port;
    this.#scope = new Scope("transform watchdog", clock);
    this.#scope.every(periodMs, () => {
      // Reading fails only when a sender or the worker closes meanwhile, and then there is nothing to watch.
      this.check().catch(() => {});
    });
  }

  /** Reads all once and says its verdicts. A check that is still under way is not doubled. */
  async check(): Promise<void> {
    if (this.#isChecking || this.#scope.ended) return;
    this.#isChecking = true;
    try {
      const senders = this.#port.senders();
      const sent = await Promise.all(senders.map((sender) => sender.readSent()));
      // Read after, so that every packet counted above has been seen if it passed the transform.
      const seen = await this.#port.readSeen();
      if (this.#scope.ended) return;
      this.#forgetAllBut(senders);
      for (const [index, { id }] of senders.entries()) this.#judge(id, sent[index], seen.get(id));
    } finally {
      this.#isChecking = false;
    }
  }

  close(reason: string): void {
    this.#scope.end(reason);
  }

  #judge(id: string, sent: SentMedia | undefined, frames: SeenFrames = NONE_SEEN): void {
    if (sent === undefined) return;
    const { seen, underWay } = frames;
    const baseline = this.#baselines.get(id);
    if (baseline === undefined || baseline.seen !== seen) {
      this.#baselines.set(id, { sent, seen, settled: false });
      return;
    }
    // The two sides are not read in the same moment: what was under way then, and what a stream
    // that was just stopped had left, is counted by the next look. Only what comes later tells.
    if (!baseline.settled) {
      this.#baselines.set(id, { sent, seen, settled: true });
      return;
    }
    const verdict = judge(baseline.sent, sent);
    if (verdict === undefined) return;
    // A machine without a moment to spare may take seconds to seal a frame. Those behind it wait
    // unseen, while packets of those before it leave; and whoever holds a frame is in its way.
    if (verdict === "unsealed" && underWay > 0) {
      this.#baselines.set(id, { sent, seen, settled: false });
      return;
    }
    // The evidence is used up: the next verdict needs new evidence.
    this.#baselines.set(id, { sent, seen, settled: true });
    this.#port.verdict(id, verdict);
  }

  #forgetAllBut(senders: readonly WatchedSender[]): void {
    const ids = new Set(senders.map(({ id }) => id));
    for (const id of this.#baselines.keys()) if (!ids.has(id)) this.#baselines.delete(id);
  }
}

function judge(before: SentMedia, after: SentMedia): WatchdogVerdict | undefined {
  const packets = after.packets - before.packets;
  if (after.framesEncoded === undefined) return packets >= MIN_PACKETS ? "unsealed" : undefined;
  const frames = after.framesEncoded - (before.framesEncoded ?? 0);
  if (frames < MIN_FRAMES) return undefined;
  if (packets >= MIN_FRAMES) return "unsealed";
  return packets === 0 ? "stalled" : undefined;
}
