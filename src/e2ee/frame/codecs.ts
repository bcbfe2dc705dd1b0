import { AV1 } from "./codec-av1.ts";
import { H264 } from "./codec-h264.ts";
import type { FrameCodec } from "./frame-codec.ts";
import { NOTHING } from "./frame-codec.ts";

/** RFC 6386 section 9.1: a key frame begins with a frame tag of 3 bytes, a start code and the size. */
const VP8_KEY_FRAME_CLEAR_BYTES = 10;
const VP8_INTER_FRAME_CLEAR_BYTES = 1;
/** RFC 6386 section 9.1: the lowest bit of the first byte is 0 on key frames. */
const VP8_INTER_FRAME_BIT = 1;

/** Nothing is read beyond the length. */
const OPUS: FrameCodec = { id: 1, mimeType: "audio/opus", kind: "audio", ...nothingClear() };

/**
 * The packetizer and the SFU read whether it is a key frame from the first byte, and the receiving
 * side its size from the next nine. On other frames one byte is enough.
 */
const VP8: FrameCodec = {
  id: 2,
  mimeType: "video/vp8",
  kind: "video",
  clearOf(frame) {
    const clearBytes = vp8ClearBytes(frame);
    return clearBytes > frame.length ? undefined : { bytes: frame, length: clearBytes };
  },
  find(received) {
    const length = vp8ClearBytes(received);
    if (length > received.length) return undefined;
    return { clear: { bytes: received, length }, bytes: received, sealedAt: length };
  },
};

/** All that is read stands in the payload descriptor, which is made outside of the frame. */
const VP9: FrameCodec = { id: 3, mimeType: "video/vp9", kind: "video", ...nothingClear() };

const CODECS: readonly FrameCodec[] = [OPUS, VP8, VP9, H264, AV1];

const CODEC_OF_MIME_TYPE = new Map(CODECS.map((codec) => [codec.mimeType, codec]));

/** Undefined for a codec whose frames cannot be sealed: they are dropped, never passed on. */
export function codecOf(mimeType: string): FrameCodec | undefined {
  return CODEC_OF_MIME_TYPE.get(mimeType) ?? CODEC_OF_MIME_TYPE.get(mimeType.toLowerCase());
}

/** The codecs that may be negotiated, in lower case. */
export const SEALABLE_MIME_TYPES: readonly string[] = CODECS.map((codec) => codec.mimeType);

function vp8ClearBytes(frame: Uint8Array): number {
  const isKeyFrame = ((frame[0] ?? 0) & VP8_INTER_FRAME_BIT) === 0;
  return isKeyFrame ? VP8_KEY_FRAME_CLEAR_BYTES : VP8_INTER_FRAME_CLEAR_BYTES;
}

function nothingClear(): Pick<FrameCodec, "clearOf" | "find"> {
  return {
    clearOf: () => NOTHING,
    find: (received) => ({ clear: NOTHING, bytes: received, sealedAt: 0 }),
  };
}
