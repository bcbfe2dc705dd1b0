import type { MediaKind } from "../../protocol/media.ts";

/**
 * What the sealing must know of a codec. Packetizers and the SFU look into frames: a codec's row
 * says which first bytes they read. Those stay in clear and are authenticated; all others are sealed.
 */
export interface FrameCodec {
  /** Stands in the authenticated metadata. A number once given is never used for another codec. */
  readonly id: number;
  /** In lower case, as `RTCEncodedVideoFrameMetadata.mimeType` has it. */
  readonly mimeType: string;
  readonly kind: MediaKind;
  /**
   * How many first bytes stay in clear. It may look only at bytes that it leaves in clear, so that
   * it says the same of the frame and of the sealed frame. The frame has at least one byte.
   */
  clearBytes(frame: Uint8Array): number;
}

/** RFC 6386 section 9.1: a key frame begins with a frame tag of 3 bytes, a start code and the size. */
const VP8_KEY_FRAME_CLEAR_BYTES = 10;
const VP8_INTER_FRAME_CLEAR_BYTES = 1;
/** RFC 6386 section 9.1: the lowest bit of the first byte is 0 on key frames. */
const VP8_INTER_FRAME_BIT = 1;

/**
 * - Opus: nothing is read beyond the length.
 * - VP8: the packetizer and the SFU read whether it is a key frame from the first byte, and the
 *   receiving side its size from the next nine. On other frames one byte is enough.
 * - VP9: all that is read stands in the payload descriptor, which is made outside of the frame.
 */
const CODECS: readonly FrameCodec[] = [
  { id: 1, mimeType: "audio/opus", kind: "audio", clearBytes: () => 0 },
  {
    id: 2,
    mimeType: "video/vp8",
    kind: "video",
    clearBytes: (frame) =>
      ((frame[0] ?? 0) & VP8_INTER_FRAME_BIT) === 0
        ? VP8_KEY_FRAME_CLEAR_BYTES
        : VP8_INTER_FRAME_CLEAR_BYTES,
  },
  { id: 3, mimeType: "video/vp9", kind: "video", clearBytes: () => 0 },
];

const CODEC_OF_MIME_TYPE = new Map(CODECS.map((codec) => [codec.mimeType, codec]));

/** Undefined for a codec whose frames cannot be sealed: they are dropped, never passed on. */
export function codecOf(mimeType: string): FrameCodec | undefined {
  return CODEC_OF_MIME_TYPE.get(mimeType.toLowerCase());
}

/** The codecs that may be negotiated, in lower case. */
export const SEALABLE_MIME_TYPES: readonly string[] = CODECS.map((codec) => codec.mimeType);
