import type { MediaSource } from "../../protocol/media.ts";
import { padAudio } from "./audio-padding.ts";
import type { FrameCodec } from "./codecs.ts";
import { FrameError } from "./frame-error.ts";
import { withHeadroom } from "./grown-buffer.ts";
import { encodeHeader } from "./header.ts";
import type { Keyring } from "./keyring.ts";
import { kindOf } from "./media-source.ts";
import { associatedData } from "./metadata.ts";
import type { SealOutcome, SealRefusal } from "./outcomes.ts";
import { MAX_FRAME_BYTES } from "./outcomes.ts";

/**
 * Seals the frames of one source, all its layers included, with the keyring's sending epoch.
 * A sealed frame is `clear bytes || SFrame header || ciphertext || tag`.
 */
export class FrameSealer {
  readonly #keyring: Keyring;
  readonly #source: MediaSource;

  constructor(keyring: Keyring, source: MediaSource) {
    this.#keyring = keyring;
    this.#source = source;
  }

  /** Never rejects: a frame that cannot be sealed is refused, and must not be sent. */
  async seal(frame: Uint8Array<ArrayBuffer>, codec: FrameCodec | undefined): Promise<SealOutcome> {
    if (codec === undefined || codec.kind !== kindOf(this.#source)) return refuse("unknown-codec");
    if (frame.length === 0 || frame.length > MAX_FRAME_BYTES) return refuse("malformed");
    const clearBytes = codec.clearBytes(frame);
    if (clearBytes > frame.length) return refuse("malformed");
    try {
      return await this.#seal(frame, codec, clearBytes);
    } catch (error) {
      const exhausted = error instanceof FrameError && error.code === "counter-exhausted";
      return refuse(exhausted ? "counter-exhausted" : "no-key");
    }
  }

  async #seal(
    frame: Uint8Array<ArrayBuffer>,
    codec: FrameCodec,
    clearBytes: number,
  ): Promise<SealOutcome> {
    const epoch = this.#keyring.sending;
    if (epoch === undefined) return refuse("no-key");
    const stream = epoch.sendingStream(this.#source);
    const cipher = await stream.cipher;
    const counter = stream.takeCounter();
    const clear = frame.subarray(0, clearBytes);
    const secret = frame.subarray(clearBytes);
    const header = encodeHeader(stream.keyId, BigInt(counter));
    const aad = associatedData(header, this.#source, codec, clear);
    const plaintext = codec.kind === "audio" ? padAudio(secret) : secret;
    const sealed = await cipher.seal(counter, aad, plaintext);
    const data = withHeadroom(sealed, clearBytes + header.length);
    data.set(clear);
    data.set(header, clearBytes);
    return { status: "sealed", data };
  }
}

function refuse(cause: SealRefusal): SealOutcome {
  return { status: "refused", cause };
}
