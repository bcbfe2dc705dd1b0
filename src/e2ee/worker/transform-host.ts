import type { Clock } from "../../lib/clock.ts";
import { systemClock } from "../../lib/clock.ts";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import { DEFAULT_CIPHER_SUITE } from "../frame/cipher-suite.ts";
import type { EpochKeys } from "../frame/epoch-keys.ts";
import { assertEpochKeys } from "../frame/epoch-keys.ts";
import type { SetEpochOptions } from "../frame/keyring.ts";
import { fingerprintOf, SpentKeys } from "../frame/spent-keys.ts";
import type { AttachTransform } from "./attach-transform.ts";
import { attachTransform } from "./attach-transform.ts";
import type { ReceiverTarget, SenderTarget, WorkerMessage, WorkerSettings } from "./messages.ts";
import { DEFAULT_WORKER_SETTINGS } from "./messages.ts";
import { askForKeyFrame, readSentMedia } from "./sender-probe.ts";
import type { ReceiverRef, SenderRef, TransformEvents } from "./transform-events.ts";
import type { SeenFrames, WatchdogVerdict } from "./transform-watchdog.ts";
import { TransformWatchdog } from "./transform-watchdog.ts";
import { WorkerChannel } from "./worker-channel.ts";

export interface TransformHostOptions {
  /** `spawnTransformWorker`, unless the bundler wants another way. */
  readonly createWorker: () => Worker;
  readonly settings?: Partial<WorkerSettings>;
  /** How often it is proved that media passes the worker. Default 1 000. */
  readonly watchdogPeriodMs?: number;
  readonly clock?: Clock;
  /** Hosts that follow one another in a page must share it; by default all of a page do. */
  readonly spentKeys?: SpentKeys;
  readonly attach?: AttachTransform;
}

interface AttachedSender extends SenderRef {
  readonly sender: RTCRtpSender;
}

/** Together how long a worker may take to say what it has seen: it answers within milliseconds. */
const PATIENCE_TICK_MS = 1_000;
const PATIENCE_TICKS = 4;

/** Workers that end and begin anew within one page must never send with the same keys. */
const spentKeysOfPage = new SpentKeys();

/**
 * The page's side of the transform worker: attaches senders and receivers, hands over the keys of
 * each epoch, tells what becomes of the frames, and watches that none passes the worker by.
 *
 * Counters live in the worker and begin at zero in each. So a base key goes to one worker only in
 * the life of a page: a later one gets it for opening, and seals from the next epoch on.
 */
export class TransformHost {
  readonly events = new Emitter<TransformEvents>();
  readonly #worker: Worker;
  readonly #channel: WorkerChannel;
  readonly #attach: AttachTransform;
  readonly #spentKeys: SpentKeys;
  readonly #scope: Scope;
  readonly #senders = new Map<string, AttachedSender>();
  readonly #receivers = new Map<string, ReceiverRef>();
  #senderCount = 0;
  #currentFingerprint: string | undefined;

  static create(options: TransformHostOptions): TransformHost {
    return new TransformHost(options);
  }

  private constructor(options: TransformHostOptions) {
    const clock = options.clock ?? systemClock;
    this.#scope = new Scope("transform host", clock);
    this.#attach = options.attach ?? attachTransform;
    this.#spentKeys = options.spentKeys ?? spentKeysOfPage;
    this.#worker = options.createWorker();
    this.#channel = new WorkerChannel(this.#worker, {
      message: (message) => {
        this.#tell(message);
      },
      failed: (reason) => {
        this.#fail(reason);
      },
    });
    const settings = { ...DEFAULT_WORKER_SETTINGS, ...options.settings };
    this.#channel.post({ type: "configure", settings });
    this.#watch(clock, options.watchdogPeriodMs ?? 1_000);
  }

  /**
   * Returns the id under which the sender's events come. Call it in the same task that made the
   * sender (mediasoup-client: `onRtpSender`). Throws `TransformUnsupportedError`, `ClosedError`.
   */
  attachSender(sender: RTCRtpSender, options: Omit<SenderTarget, "role" | "id">): string {
    this.#scope.assertOpen();
    this.#senderCount += 1;
    const id = `sender-${this.#senderCount}`;
    this.#attach(sender, this.#worker, { ...options, role: "sender", id });
    this.#senders.set(id, { id, source: options.source, sender });
    return id;
  }

  /**
   * From here on only frames that this participant sealed for this source reach the decoder. Call
   * it in the same task that made the receiver (mediasoup-client: `onRtpReceiver`), for every
   * receiver: one without a transform would play ciphertext in some browsers.
   * Throws `TransformUnsupportedError`, `ClosedError`.
   */
  attachReceiver(receiver: RTCRtpReceiver, options: Omit<ReceiverTarget, "role">): void {
    this.#scope.assertOpen();
    const { id, participantId, source } = options;
    this.#attach(receiver, this.#worker, { ...options, role: "receiver" });
    this.#receivers.set(id, { id, participantId, source });
  }

  /**
   * Hands the keys of a new epoch to the worker. Keys of an epoch that somebody may have sent with
   * before this page began (those of a group restored from storage) need `receiveOnly`.
   * Throws `FrameError` for keys that make no sense, `ClosedError`.
   */
  setEpoch(keys: EpochKeys, options: SetEpochOptions = {}): void {
    this.#scope.assertOpen();
    assertEpochKeys(keys, DEFAULT_CIPHER_SUITE);
    const fingerprint = fingerprintOf(keys);
    if (fingerprint === this.#currentFingerprint) return;
    this.#currentFingerprint = fingerprint;
    const isSpent = this.#spentKeys.has(keys);
    this.#spentKeys.add(keys);
    const receiveOnly = isSpent || options.receiveOnly === true;
    this.#channel.post({ type: "set-epoch", keys, options: { ...options, receiveOnly } });
    if (isSpent) this.events.emit("epoch:spent", { epoch: keys.epoch });
  }

  /** Asks the encoder of a sender for a key frame on each layer. Unknown ids are ignored. */
  async requestKeyFrame(id: string): Promise<void> {
    this.#scope.assertOpen();
    const attached = this.#senders.get(id);
    if (attached === undefined) return;
    this.#channel.post({ type: "request-key-frame", id });
    await askForKeyFrame(attached.sender);
  }

  /**
   * Forgets a sender or receiver that is closed. Its transform stays in place and lets nothing
   * through: taking it away would mean plaintext in some browsers. Unknown ids are ignored.
   */
  detach(id: string): void {
    if (this.#scope.ended) return;
    const isKnown = this.#senders.delete(id) || this.#receivers.delete(id);
    if (isKnown) this.#channel.post({ type: "detach", id });
  }

  /** Ends the worker and with it all keys: no media passes any more. */
  close(reason: string): void {
    if (!this.#scope.end(reason)) return;
    this.#channel.close();
    this.#senders.clear();
    this.#receivers.clear();
    this.events.removeAllListeners();
  }

  #tell(message: WorkerMessage): void {
    switch (message.type) {
      case "stats":
        for (const stats of message.senders) this.events.emit("sender:stats", stats);
        for (const stats of message.receivers) this.events.emit("receiver:stats", stats);
        return;
      case "receiver-trouble": {
        const receiver = this.#receivers.get(message.id);
        if (receiver === undefined) return;
        this.events.emit("receiver:trouble", { ...receiver, cause: message.cause });
        return;
      }
      case "receiver-recovered": {
        const receiver = this.#receivers.get(message.id);
        if (receiver !== undefined) this.events.emit("receiver:recovered", receiver);
        return;
      }
      case "stream-failed":
        this.events.emit("stream:failed", { id: message.id, reason: message.reason });
    }
  }

  #watch(clock: Clock, periodMs: number): void {
    const watchdog = new TransformWatchdog(
      {
        senders: () =>
          [...this.#senders.values()].map(({ id, sender }) => ({
            id,
            readSent: () => readSentMedia(sender),
          })),
        readSeen: () => this.#readSeen(),
        verdict: (id, verdict) => {
          this.#judge(id, verdict);
        },
      },
      clock,
      periodMs,
    );
    this.#scope.add(() => {
      watchdog.close("the host closed");
    });
  }

  /**
   * A worker that is ended, or stuck, tells nobody: it just stays silent. The patience is counted
   * in ticks, so that a page that was asleep hears its worker out before it gives it up.
   */
  async #readSeen(): Promise<ReadonlyMap<string, SeenFrames>> {
    let ticks = 0;
    const stopCounting = this.#scope.every(PATIENCE_TICK_MS, () => {
      ticks += 1;
      if (ticks === PATIENCE_TICKS) this.#fail("the worker does not answer");
    });
    const { senders } = await this.#channel.requestStats();
    stopCounting();
    return new Map(senders.map((stats) => [stats.id, stats]));
  }

  #fail(reason: string): void {
    this.events.emit("worker:failed", { reason });
    this.close(reason);
  }

  #judge(id: string, verdict: WatchdogVerdict): void {
    const attached = this.#senders.get(id);
    if (attached === undefined) return;
    // First of all nothing more may leave; what to do about it is the listener's matter. Where the
    // sender is closed already, so is the leak.
    if (verdict === "unsealed") attached.sender.replaceTrack(null).catch(() => {});
    this.events.emit(`sender:${verdict}`, { id, source: attached.source });
  }
}
