import type { MediaKind } from "../../protocol/media.ts";

/**
 * The first `length` of `bytes`. Not a view of their own, because making one takes longer than all
 * else that is done with them.
 */
export interface ClearBytes {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** What came from the network, taken apart. */
export interface FrameParts {
  /** What others read, in the form that it had at the sender. */
  readonly clear: ClearBytes;
  /** From `sealedAt` to the end: SFrame header, ciphertext and tag. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sealedAt: number;
}

/**
 * What the sealing must know of a codec. Packetizers, the SFU and depacketizers look into frames:
 * a codec's row says what they read, and how sealed bytes get past them unchanged.
 *
 * A frame is always sealed whole. What must be readable stands before the sealed bytes once more,
 * and is authenticated with them. So a decoder gets nothing that was not sealed, an opened frame
 * needs no putting together, and it costs no more than those few bytes.
 */
export interface FrameCodec {
  /** Stands in the authenticated metadata. A number once given is never used for another codec. */
  readonly id: number;
  /** In lower case, as `RTCEncodedVideoFrameMetadata.mimeType` has it. */
  readonly mimeType: string;
  readonly kind: MediaKind;
  /** What of this frame, which has at least one byte, must be readable. Undefined for bytes that are no such frame. */
  clearOf(frame: Uint8Array<ArrayBuffer>): ClearBytes | undefined;
  /** Takes a frame from the network apart. Undefined for bytes that no sender of this codec makes. */
  find(received: Uint8Array<ArrayBuffer>): FrameParts | undefined;
  /**
   * `clear` and then `sealed`, written so that no sequence occurs that means something to a
   * packetizer, in a buffer of its own. Undefined where every sequence may occur.
   */
  readonly escape?: (clear: ClearBytes, sealed: Uint8Array) => Uint8Array<ArrayBuffer>;
}

/** Most bytes that a frame may have in clear: their number takes two bytes of the metadata. */
export const MAX_CLEAR_BYTES = 0xffff;

/** Nothing in clear. */
export const NOTHING: ClearBytes = { bytes: new Uint8Array(0), length: 0 };

export function wholeOf(bytes: Uint8Array): ClearBytes {
  return { bytes, length: bytes.length };
}
