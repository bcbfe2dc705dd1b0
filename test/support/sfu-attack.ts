import { randomBytes } from "node:crypto";
import { KIND_OF_SOURCE } from "../../src/protocol/index.ts";
import {
  codecOf,
  DEFAULT_CIPHER_SUITE,
  decodeHeader,
  sealSFrame,
} from "../../src/e2ee/frame/index.ts";
import { NOTHING } from "../../src/e2ee/frame/frame-codec.ts";
import { deriveFrameSecrets } from "../../src/e2ee/frame/key-schedule.ts";
import { metadataOf } from "../../src/e2ee/frame/metadata.ts";
import type { PassingStream } from "./sfu-hostile.ts";
import type { RtpPacket } from "./sfu-rtp.ts";
import { vp8Descriptor } from "./sfu-rtp.ts";
import type { ForgedPacket } from "./sfu-tap.ts";

/** - `beside`: after each genuine frame comes a forged one. - `instead`: only forged ones come. */
export type AttackMode = "none" | "beside" | "instead";

/**
 * Makes the body of a forged frame, or none, given the first packet's body of a genuine one and
 * whether that is the whole frame.
 */
export type Forge = (genuine: Uint8Array<ArrayBuffer>, isWhole: boolean) => Uint8Array | undefined;

type Send = (forged: ForgedPacket) => void;

/** What a hostile server does to one stream, and how much of what it let through. */
export class StreamAttack {
  readonly stream: PassingStream;
  mode: AttackMode = "none";
  /** Undefined forges nothing, which with `instead` holds the stream back. */
  forge: Forge | undefined;
  /** Is given each packet besides, with whether it ends a frame. */
  copyTo: ((packet: RtpPacket, isEnd: boolean) => void) | undefined;
  /** Genuine frames that were passed on. */
  forwarded = 0;
  forged = 0;
  lastTimestamp = 0;
  #descriptor: Buffer = Buffer.alloc(0);
  #body = new Uint8Array();
  #packets = 0;
  #passes = true;

  constructor(stream: PassingStream) {
    this.stream = stream;
  }

  pass(packet: RtpPacket, send: Send): void {
    const { payload, timestamp, marker } = packet;
    if (payload.length === 0) return;
    const isVideo = KIND_OF_SOURCE[this.stream.source] === "video";
    const { isStart, descriptorBytes } = isVideo
      ? vp8Descriptor(payload)
      : { isStart: true, descriptorBytes: 0 };
    if (isStart) {
      this.#descriptor = payload.subarray(0, descriptorBytes);
      this.#body = new Uint8Array(payload.subarray(descriptorBytes));
      this.#passes = this.mode !== "instead";
      this.#packets = 0;
    }
    this.#packets += 1;
    const isEnd = !isVideo || marker;
    this.lastTimestamp = timestamp;
    this.copyTo?.(packet, isEnd);
    if (this.#passes) send({ payload, timestamp, marker });
    if (!isEnd) return;
    if (this.#passes) this.forwarded += 1;
    if (this.mode === "none" || this.forge === undefined) return;
    const body = this.forge(this.#body, this.#packets === 1);
    if (body === undefined) return;
    this.forged += 1;
    const forged = Buffer.concat([this.#descriptor, body]);
    send({ payload: forged, timestamp: timestamp + 1, marker: true });
  }
}

/** Frames that nobody sealed, one after another. */
export function unsealed(frames: readonly Uint8Array[]): Forge {
  let next = 0;
  return () => {
    const frame = frames[next % frames.length];
    next += 1;
    if (frame === undefined) throw new Error("no frames to inject");
    return frame;
  };
}

/** The first whole genuine frame that it is given, again and again. */
export function replayed(): Forge {
  let recorded: Uint8Array | undefined;
  return (genuine, isWhole) => {
    if (isWhole) recorded ??= genuine;
    return recorded;
  };
}

/** Frames under the sender's own key id and a counter to come, sealed with another key. */
export function sealedWithWrongKey({ source }: PassingStream): Forge {
  const baseKey = randomBytes(DEFAULT_CIPHER_SUITE.keyBytes);
  const codec = codecOf(KIND_OF_SOURCE[source] === "video" ? "video/vp8" : "audio/opus");
  if (codec === undefined) throw new Error(`no codec for ${source}`);
  return (genuine) => {
    const clear = codec.find(Uint8Array.from(genuine))?.clear ?? NOTHING;
    const { keyId, counter } = decodeHeader(genuine, clear.length);
    const sealed = sealSFrame(
      DEFAULT_CIPHER_SUITE,
      deriveFrameSecrets(DEFAULT_CIPHER_SUITE, keyId, baseKey),
      {
        keyId,
        counter: counter + 10_000n,
        metadata: metadataOf(source, codec, clear),
        plaintext: randomBytes(200),
      },
    );
    return Buffer.concat([clear.bytes.subarray(0, clear.length), sealed]);
  };
}
