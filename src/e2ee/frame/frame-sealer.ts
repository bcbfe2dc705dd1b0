import type { MediaSource } from "../../protocol/media.ts";
import { packAudio } from "./audio-payload.ts";
import type { FrameCodec } from "./frame-codec.ts";
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
 * A sealed frame is `clear bytes || SFrame header || ciphertext || tag`, where the codec needs it
 * with what follows the clear bytes escaped.
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

  /**
   * Never rejects: a frame that cannot be sealed is refused, and must not be sent. With audio,
   * `previous` is the frame before, which travels along where there is room.
   */
  async seal(
    frame: Uint8Array<ArrayBuffer>,
    codec: FrameCodec | undefined,
    previous?: Uint8Array,
  ): Promise<SealOutcome> {
    if (codec === undefined || codec.kind !== kindOf(this.#source)) return refuse("unknown-codec");
    if (frame.length === 0 || frame.length > MAX_FRAME_BYTES) return refuse("malformed");
    const clear = codec.clearOf(frame);
    if (clear === undefined) return refuse("malformed");
    try {
      const stream = this.#keyring.sending?.sendingStream(this.#source);
      if (stream === undefined) return refuse("no-key");
      const cipher = stream.cipher.ready ?? (await stream.cipher.promise);
      const counter = stream.takeCounter();
      const header = encodeHeader(stream.keyId, BigInt(counter));
      // Nothing is awaited from here to the cipher's call, after which the buffers are free again.
      const aad = associatedData(header, this.#source, codec, clear, this.#aad);
      this.#aad = aad;
      const sealed = await cipher.seal(counter, aad, this.#pack(frame, codec, previous));
      return { status: "sealed", data: assemble(clear, header, sealed, codec) };
    } catch (error) {
      const exhausted = error instanceof FrameError && error.code === "counter-exhausted";
      return refuse(exhausted ? "counter-exhausted" : "no-key");
    }
  }

  #pack(
    frame: Uint8Array<ArrayBuffer>,
    codec: FrameCodec,
    previous: Uint8Array | undefined,
  ): Uint8Array<ArrayBuffer> {
    if (codec.kind !== "audio") return frame;
    const padded = packAudio(frame, previous, this.#padded);
    this.#padded = padded;
    return padded;
  }
}

/** Writes the frame into the cipher's own buffer, unless it must be escaped. */
function assemble(
  clear: Uint8Array,
  header: Uint8Array,
  sealed: ArrayBuffer,
  { escape }: FrameCodec,
): Uint8Array<ArrayBuffer> {
  if (escape !== undefined) {
    const bytes = withHeadroom(sealed, header.length);
    bytes.set(header);
    return escape(clear, bytes);
  }
  const data = withHeadroom(sealed, clear.length + header.length);
  data.set(clear);
  data.set(header, clear.length);
  return data;
}

function refuse(cause: SealRefusal): SealOutcome {
  return { status: "refused", cause };
}
