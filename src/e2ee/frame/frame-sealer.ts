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
  /** The associated data of the last frame: the next one's is nearly always as long. */
  #aad: Uint8Array<ArrayBuffer> | undefined;
  /** Likewise the padded frame. */
  #padded: Uint8Array<ArrayBuffer> | undefined;

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
      const stream = this.#keyring.sending?.sendingStream(this.#source);
      if (stream === undefined) return refuse("no-key");
      const cipher = stream.cipher.ready ?? (await stream.cipher.promise);
      const counter = stream.takeCounter();
      const clear = frame.subarray(0, clearBytes);
      const secret = clearBytes === 0 ? frame : frame.subarray(clearBytes);
      const header = encodeHeader(stream.keyId, BigInt(counter));
      // Nothing is awaited from here to the cipher's call, after which the buffers are free again.
      const aad = associatedData(header, this.#source, codec, clear, this.#aad);
      this.#aad = aad;
      const sealed = await cipher.seal(counter, aad, this.#pad(secret, codec));
      const data = withHeadroom(sealed, clearBytes + header.length);
      data.set(clear);
      data.set(header, clearBytes);
      return { status: "sealed", data };
    } catch (error) {
      const exhausted = error instanceof FrameError && error.code === "counter-exhausted";
      return refuse(exhausted ? "counter-exhausted" : "no-key");
    }
  }

  #pad(secret: Uint8Array<ArrayBuffer>, codec: FrameCodec): Uint8Array<ArrayBuffer> {
    if (codec.kind !== "audio") return secret;
    const padded = padAudio(secret, this.#padded);
    this.#padded = padded;
    return padded;
  }
}

function refuse(cause: SealRefusal): SealOutcome {
  return { status: "refused", cause };
}
