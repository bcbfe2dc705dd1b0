import type { MediaKind, MediaSource } from "../../protocol/media.ts";
import { packAudio } from "./audio-payload.ts";
import type { ClearBytes, FrameCodec } from "./frame-codec.ts";
import { FrameError } from "./frame-error.ts";
import { withHeadroom } from "./grown-buffer.ts";
import type { Keyring } from "./keyring.ts";
import { mediaHeaderBytes, writeMediaHeader } from "./media-header.ts";
import { kindOf } from "./media-source.ts";
import { AssociatedData, copyClear } from "./metadata.ts";
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
  readonly #kind: MediaKind;
  readonly #aad: AssociatedData;
  /** The last padded frame: the next one is nearly always as long. */
  #padded: Uint8Array<ArrayBuffer> | undefined;

  constructor(keyring: Keyring, source: MediaSource) {
    this.#keyring = keyring;
    this.#source = source;
    this.#kind = kindOf(source);
    this.#aad = new AssociatedData(source);
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
    if (codec === undefined || codec.kind !== this.#kind) return refuse("unknown-codec");
    if (frame.length === 0 || frame.length > MAX_FRAME_BYTES) return refuse("malformed");
    const clear = codec.clearOf(frame);
    if (clear === undefined) return refuse("malformed");
    try {
      const stream = this.#keyring.sending?.sendingStream(this.#source);
      if (stream === undefined) return refuse("no-key");
      const cipher = stream.cipher.ready ?? (await stream.cipher.promise);
      const counter = stream.takeCounter();
      // Nothing is awaited from here to the cipher's call, after which the buffers are free again.
      const aad = this.#aad.of(stream.keyId, counter, codec, clear);
      const sealed = await cipher.seal(counter, aad, this.#pack(frame, codec, previous));
      return { status: "sealed", data: assemble(clear, stream.keyId, counter, sealed, codec) };
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
  clear: ClearBytes,
  keyId: number,
  counter: number,
  sealed: ArrayBuffer,
  { escape }: FrameCodec,
): Uint8Array<ArrayBuffer> {
  const headerBytes = mediaHeaderBytes(keyId, counter);
  if (escape !== undefined) {
    const bytes = withHeadroom(sealed, headerBytes);
    writeMediaHeader(bytes, 0, keyId, counter);
    return escape(clear, bytes);
  }
  const data = withHeadroom(sealed, clear.length + headerBytes);
  copyClear(data, 0, clear);
  writeMediaHeader(data, clear.length, keyId, counter);
  return data;
}

function refuse(cause: SealRefusal): SealOutcome {
  return { status: "refused", cause };
}
