import type { Clock } from "../../lib/clock.ts";
import { Keyring } from "../frame/keyring.ts";
import { kindOf } from "../frame/media-source.ts";
import type { EncodedFrame, MakeAudioFrame } from "./encoded-frame.ts";
import type { FrameStreams } from "./frame-streams.ts";
import type {
  HostMessage,
  ReceiverTarget,
  SenderTarget,
  TransformTarget,
  WorkerMessage,
  WorkerSettings,
} from "./messages.ts";
import { ReceiverPipeline } from "./receiver-pipeline.ts";
import { SenderPipeline } from "./sender-pipeline.ts";

interface TransformServiceOptions {
  readonly clock: Clock;
  /** Measures durations, in milliseconds with fractions. */
  readonly nowMs: () => number;
  readonly post: (message: WorkerMessage) => void;
  readonly makeAudioFrame?: MakeAudioFrame;
}

interface Attachment {
  readonly streams: FrameStreams;
  readonly pipeline:
    | { readonly role: "sender"; readonly of: SenderPipeline }
    | { readonly role: "receiver"; readonly of: ReceiverPipeline };
}

/**
 * All of the worker but its global scope: the keys, and one pipeline for each sender and receiver.
 * A stream that is attached before the settings came waits for them; nothing flows meanwhile.
 */
export class TransformService {
  readonly #clock: Clock;
  readonly #nowMs: () => number;
  readonly #post: (message: WorkerMessage) => void;
  readonly #makeAudioFrame: MakeAudioFrame | undefined;
  readonly #attachments = new Map<string, Attachment>();
  readonly #early: { target: TransformTarget; streams: FrameStreams }[] = [];
  #configured: { readonly settings: WorkerSettings; readonly keyring: Keyring } | undefined;

  constructor(options: TransformServiceOptions) {
    this.#clock = options.clock;
    this.#nowMs = options.nowMs;
    this.#post = options.post;
    this.#makeAudioFrame = options.makeAudioFrame;
  }

  /** Throws `FrameError` when the page hands in keys that must not be used. */
  handle(message: HostMessage): void {
    switch (message.type) {
      case "configure":
        this.#configure(message.settings);
        return;
      case "set-epoch":
        this.#configured?.keyring.setEpoch(message.keys, message.options);
        message.keys.baseKey.fill(0);
        return;
      case "attach":
        this.attach(message.target, { ...message, takesMadeFrames: true });
        return;
      case "detach":
        this.#detach(message.id, "detached");
        return;
      case "request-key-frame":
        this.#attachments.get(message.id)?.streams.askForKeyFrame?.("generateKeyFrame");
        return;
      case "request-stats":
        this.#postStats(message.requestId);
    }
  }

  attach(target: TransformTarget, streams: FrameStreams): void {
    if (this.#configured === undefined) {
      this.#early.push({ target, streams });
      return;
    }
    const { settings, keyring } = this.#configured;
    this.#detach(target.id, "replaced");
    if (target.role === "sender") this.#attachSender(target, streams, keyring);
    else this.#attachReceiver(target, streams, keyring, settings);
  }

  #configure(settings: WorkerSettings): void {
    if (this.#configured !== undefined) return;
    const { oldEpochLifetimeMs, statsPeriodMs } = settings;
    const keyring = new Keyring({ clock: this.#clock, oldEpochLifetimeMs });
    this.#configured = { settings, keyring };
    this.#clock.every(statsPeriodMs, () => {
      if (this.#attachments.size > 0) this.#postStats(undefined);
    });
    for (const { target, streams } of this.#early.splice(0)) this.attach(target, streams);
  }

  #attachSender(target: SenderTarget, streams: FrameStreams, keyring: Keyring): void {
    const pipeline = new SenderPipeline(target, keyring, this.#nowMs);
    const attachment: Attachment = { streams, pipeline: { role: "sender", of: pipeline } };
    this.#run(target.id, attachment, async (frame, controller) => {
      const isSealed = await pipeline.seal(frame);
      // A sender that was detached must not send on; its frames end here.
      if (isSealed && this.#attachments.get(target.id) === attachment) controller.enqueue(frame);
    });
  }

  #attachReceiver(
    target: ReceiverTarget,
    streams: FrameStreams,
    keyring: Keyring,
    settings: WorkerSettings,
  ): void {
    const { id } = target;
    const canRepair = streams.takesMadeFrames === true && kindOf(target.source) === "audio";
    const pipeline = new ReceiverPipeline({
      target,
      keyring,
      settings,
      clock: this.#clock,
      nowMs: this.#nowMs,
      makeAudioFrame: canRepair ? this.#makeAudioFrame : undefined,
      listener: {
        trouble: (cause) => {
          this.#post({ type: "receiver-trouble", id, cause });
        },
        recovered: () => {
          this.#post({ type: "receiver-recovered", id });
          // Frames were missing, so the decoder can go on from a key frame only.
          if (kindOf(target.source) === "video") streams.askForKeyFrame?.("sendKeyFrameRequest");
        },
      },
    });
    this.#run(id, { streams, pipeline: { role: "receiver", of: pipeline } }, (frame, controller) =>
      pipeline
        .open(frame, (opened) => {
          controller.enqueue(opened);
        })
        // It rejects only when the pipeline is closed. The stream stays, and lets nothing through.
        .catch(() => {}),
    );
  }

  #run(
    id: string,
    attachment: Attachment,
    transform: (
      frame: EncodedFrame,
      controller: TransformStreamDefaultController<EncodedFrame>,
    ) => Promise<void>,
  ): void {
    this.#attachments.set(id, attachment);
    const { readable, writable } = attachment.streams;
    readable
      .pipeThrough(new TransformStream<EncodedFrame, EncodedFrame>({ transform }))
      .pipeTo(writable)
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : "the stream broke";
        this.#post({ type: "stream-failed", id, reason });
      })
      .finally(() => {
        if (this.#attachments.get(id) === attachment) this.#detach(id, "the stream ended");
      });
  }

  #detach(id: string, reason: string): void {
    const attachment = this.#attachments.get(id);
    if (attachment === undefined) return;
    this.#attachments.delete(id);
    if (attachment.pipeline.role === "receiver") attachment.pipeline.of.close(reason);
  }

  #postStats(requestId: number | undefined): void {
    const senders = [];
    const receivers = [];
    for (const { pipeline } of this.#attachments.values()) {
      if (pipeline.role === "sender") senders.push(pipeline.of.stats);
      else receivers.push(pipeline.of.stats);
    }
    this.#post({ type: "stats", requestId, senders, receivers });
  }
}
