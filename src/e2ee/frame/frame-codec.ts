import type { MediaKind } from "../../protocol/media.ts";

/** A frame taken apart: what others read, and what nobody may. */
export interface FrameParts {
  /** Goes ahead of the sealed bytes, readable and authenticated. */
  readonly clear: Uint8Array<ArrayBuffer>;
  /** What is sealed; after opening, the sealed bytes behind the clear ones. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

/**
 * What the sealing must know of a codec. Packetizers, the SFU and depacketizers look into frames:
 * a codec's row says what they read, and how sealed bytes get past them unchanged.
 */
export interface FrameCodec {
  /** Stands in the authenticated metadata. A number once given is never used for another codec. */
  readonly id: number;
  /** In lower case, as `RTCEncodedVideoFrameMetadata.mimeType` has it. */
  readonly mimeType: string;
  readonly kind: MediaKind;
  /**
   * True when the clear bytes are the frame's own, and stand before its other bytes; false when
   * they only wrap it, and are taken off.
   */
  readonly ownsClear: boolean;
  /** Takes a frame of at least one byte apart. Undefined for bytes that are no such frame. */
  split(frame: Uint8Array<ArrayBuffer>): FrameParts | undefined;
  /**
   * Takes what came from the network apart, whose `rest` is what `split`'s was sealed to. The
   * clear bytes are in the form that they had at the sender. Undefined for bytes that no sender
   * of this codec makes.
   */
  find(sealed: Uint8Array<ArrayBuffer>): FrameParts | undefined;
  /** How sealed bytes are written where some byte sequences mean something; undefined for as they are. */
  readonly escaping?: Escaping;
}

/** Writes bytes so that no forbidden sequence occurs in them, nor across the border before them. */
export interface Escaping {
  /** `before` and then the escaped `bytes`, in a buffer of its own. */
  escape(before: Uint8Array, bytes: Uint8Array): Uint8Array<ArrayBuffer>;
}

/** Most bytes that a frame may have in clear: their number takes two bytes of the metadata. */
export const MAX_CLEAR_BYTES = 0xffff;

/** Nothing in clear. */
export const NOTHING: Uint8Array<ArrayBuffer> = new Uint8Array(0);

export function splitAt(bytes: Uint8Array<ArrayBuffer>, clearBytes: number): FrameParts {
  return { clear: bytes.subarray(0, clearBytes), rest: bytes.subarray(clearBytes) };
}
