import { codecOf } from "../frame/codecs.ts";
import { FrameSealer } from "../frame/frame-sealer.ts";
import type { Keyring } from "../frame/keyring.ts";
import type { SealRefusal } from "../frame/outcomes.ts";
import type { EncodedFrame } from "./encoded-frame.ts";
import { SentAudio } from "./audio-history.ts";
import type { SenderStats, SenderTarget } from "./messages.ts";

/** Seals the frames of one RTP sender, one after another. */
export class SenderPipeline {
  readonly #target: SenderTarget;
  readonly #sealer: FrameSealer;
  readonly #nowMs: () => number;
  readonly #dropped: Record<SealRefusal, number> = {
    "no-key": 0,
    "unknown-codec": 0,
    malformed: 0,
    "counter-exhausted": 0,
  };
  readonly #sentAudio = new SentAudio();
  #seen = 0;
  #underWay = 0;
  #sealed = 0;
  #busyMs = 0;

  /** `nowMs` measures durations. */
  constructor(target: SenderTarget, keyring: Keyring, nowMs: () => number) {
    this.#target = target;
    this.#sealer = new FrameSealer(keyring, target.source);
    this.#nowMs = nowMs;
  }

  /** True when the frame now holds sealed bytes. Otherwise it must not be sent. */
  async seal(frame: EncodedFrame): Promise<boolean> {
    const startMs = this.#nowMs();
    this.#seen += 1;
    this.#underWay += 1;
    try {
      return await this.#sealSeen(frame);
    } finally {
      this.#underWay -= 1;
      this.#busyMs += this.#nowMs() - startMs;
    }
  }

  async #sealSeen(frame: EncodedFrame): Promise<boolean> {
    // The frame knows best: an encoder may change its codec in the midst of a stream.
    const { mimeType = this.#target.codec ?? "", rtpTimestamp } = frame.getMetadata();
    const codec = codecOf(mimeType);
    const data = new Uint8Array(frame.data);
    const isAudio = codec?.kind === "audio";
    const previous = isAudio ? this.#sentAudio.previousOf(data, rtpTimestamp) : undefined;
    const outcome = await this.#sealer.seal(data, codec, previous);
    if (outcome.status === "refused") {
      this.#dropped[outcome.cause] += 1;
      return false;
    }
    frame.data = outcome.data.buffer;
    this.#sealed += 1;
    return true;
  }

  get stats(): SenderStats {
    return {
      id: this.#target.id,
      source: this.#target.source,
      seen: this.#seen,
      underWay: this.#underWay,
      sealed: this.#sealed,
      dropped: { ...this.#dropped },
      busyMs: this.#busyMs,
    };
  }
}
