import type { Clock } from "../../lib/clock.ts";
import { Scope } from "../../lib/scope.ts";
import { SerialQueue } from "../../lib/serial-queue.ts";
import { codecOf } from "../frame/codecs.ts";
import { FrameOpener } from "../frame/frame-opener.ts";
import type { Keyring } from "../frame/keyring.ts";
import type { OpenOutcome, OpenRefusal } from "../frame/outcomes.ts";
import { ReceivedAudio } from "./audio-history.ts";
import type { EncodedFrame, MakeAudioFrame } from "./encoded-frame.ts";
import type { ReceiverStats, ReceiverTarget, WorkerSettings } from "./messages.ts";
import type { TroubleListener } from "./trouble-monitor.ts";
import { TroubleMonitor } from "./trouble-monitor.ts";

interface ReceiverPipelineOptions {
  readonly target: ReceiverTarget;
  readonly keyring: Keyring;
  readonly settings: WorkerSettings;
  readonly clock: Clock;
  /** Measures durations. */
  readonly nowMs: () => number;
  readonly listener: TroubleListener;
  /** Puts in audio frames that were lost; undefined where the browser takes none. */
  readonly makeAudioFrame?: MakeAudioFrame | undefined;
}

type Deliver = (frame: EncodedFrame) => void;

interface Arrival {
  readonly frame: EncodedFrame;
  readonly atMs: number;
  readonly deliver: Deliver;
}

interface HeldArrival extends Arrival {
  /** Why it does not open as long as nothing changes. */
  readonly cause: OpenRefusal;
}

/**
 * Opens the frames of one RTP receiver, one after another, and delivers those that open.
 *
 * A sender may seal with a new epoch before its keys are here. Such frames wait, a bounded time
 * and number of them, and are delivered in order when the keys come. Other frames do not wait
 * behind them: somebody who injects frames of unknown epochs cannot hold up the real ones.
 */
export class ReceiverPipeline {
  readonly #target: ReceiverTarget;
  readonly #opener: FrameOpener;
  readonly #settings: WorkerSettings;
  readonly #clock: Clock;
  readonly #nowMs: () => number;
  readonly #monitor: TroubleMonitor;
  readonly #scope: Scope;
  readonly #queue = new SerialQueue("receiver pipeline");
  readonly #dropped: Record<OpenRefusal, number> = {
    "no-key": 0,
    "wrong-epoch": 0,
    "earlier-epoch": 0,
    "wrong-sender": 0,
    "wrong-stream": 0,
    tampered: 0,
    replayed: 0,
    malformed: 0,
    "unknown-codec": 0,
  };
  readonly #makeAudioFrame: MakeAudioFrame | undefined;
  readonly #receivedAudio = new ReceivedAudio();
  #repaired = 0;
  #held: HeldArrival[] = [];
  #cancelExpiry: (() => void) | undefined;
  #opened = 0;
  #busyMs = 0;

  constructor(options: ReceiverPipelineOptions) {
    this.#target = options.target;
    this.#opener = new FrameOpener(options.keyring, options.target);
    this.#settings = options.settings;
    this.#clock = options.clock;
    this.#nowMs = options.nowMs;
    this.#monitor = new TroubleMonitor(options.settings.troubleAfterFrames, options.listener);
    this.#makeAudioFrame = options.makeAudioFrame;
    this.#scope = new Scope("receiver pipeline", options.clock);
    this.#scope.add(
      options.keyring.events.on("epoch:added", () => {
        this.#retryHeld();
      }),
    );
  }

  /** Resolves when the frame was delivered, dropped or put on hold. Rejects only after `close`. */
  open(frame: EncodedFrame, deliver: Deliver): Promise<void> {
    const arrival = { frame, atMs: this.#clock.now(), deliver };
    return this.#queue.run(() => this.#open(arrival));
  }

  close(reason: string): void {
    this.#queue.close(reason);
    this.#held = [];
    this.#scope.end(reason);
  }

  get stats(): ReceiverStats {
    return {
      id: this.#target.id,
      participantId: this.#target.participantId,
      source: this.#target.source,
      opened: this.#opened,
      dropped: { ...this.#dropped },
      repaired: this.#repaired,
      held: this.#held.length,
      busyMs: this.#busyMs,
    };
  }

  async #open(arrival: Arrival): Promise<void> {
    const startMs = this.#nowMs();
    const { frame } = arrival;
    const mimeType = frame.getMetadata().mimeType ?? this.#target.codec ?? "";
    const outcome = await this.#opener.open(new Uint8Array(frame.data), codecOf(mimeType));
    this.#busyMs += this.#nowMs() - startMs;
    if (!this.#scope.ended) this.#settle(arrival, outcome);
  }

  #settle(arrival: Arrival, outcome: OpenOutcome): void {
    if (outcome.status === "unknown-epoch") {
      this.#hold({ ...arrival, cause: outcome.cause });
      return;
    }
    if (outcome.status === "refused") {
      this.#drop(outcome.cause);
      return;
    }
    this.#opened += 1;
    this.#monitor.opened();
    if (this.#makeAudioFrame !== undefined && !this.#repair(arrival, outcome.previous)) return;
    arrival.frame.data = outcome.data.buffer;
    arrival.deliver(arrival.frame);
  }

  /**
   * Delivers the frame before, which came along, if it is missing. False if the frame itself was
   * delivered in this way already.
   */
  #repair({ frame, deliver }: Arrival, previous: Uint8Array<ArrayBuffer> | undefined): boolean {
    const { rtpTimestamp } = frame.getMetadata();
    if (rtpTimestamp === undefined) return true;
    if (!this.#receivedAudio.isNew(rtpTimestamp)) return false;
    if (previous === undefined) return true;
    const gap = this.#receivedAudio.gapBefore(rtpTimestamp, previous);
    if (gap === undefined) return true;
    const made = this.#makeAudioFrame?.(frame, previous.slice().buffer, gap);
    if (made !== undefined) {
      this.#repaired += 1;
      deliver(made);
    }
    return true;
  }

  #drop(cause: OpenRefusal): void {
    this.#dropped[cause] += 1;
    this.#monitor.refused(cause);
  }

  #hold(arrival: HeldArrival): void {
    this.#held.push(arrival);
    if (this.#held.length > this.#settings.holdLimit) this.#dropOldest();
    this.#dropExpired();
  }

  #dropOldest(): void {
    const oldest = this.#held.shift();
    if (oldest !== undefined) this.#drop(oldest.cause);
  }

  #retryHeld(): void {
    const retry = async () => {
      const waiting = this.#held;
      this.#held = [];
      for (const arrival of waiting) await this.#open(arrival);
    };
    // It can be refused only because the pipeline was closed, and then there is nothing to retry.
    this.#queue.run(retry).catch(() => {});
  }

  /** Drops what has waited for too long, and comes back when the next one is due. */
  #dropExpired(): void {
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    const nowMs = this.#clock.now();
    for (;;) {
      const oldest = this.#held[0];
      if (oldest === undefined) return;
      const leftMs = oldest.atMs + this.#settings.holdMs - nowMs;
      if (leftMs > 0) {
        this.#cancelExpiry = this.#scope.after(leftMs, () => {
          this.#dropExpired();
        });
        return;
      }
      this.#dropOldest();
    }
  }
}
