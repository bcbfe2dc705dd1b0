import type { FrameCodec } from "./frame-codec.ts";
import { wholeOf } from "./frame-codec.ts";

/** OBU types and header bits, AV1 bitstream specification sections 5.3.2 and 6.2.2. */
const SEQUENCE_HEADER_TYPE = 1;
const EXTENSION_FLAG = 0b100;
const HAS_SIZE_FLAG = 0b10;

/** An OBU of type frame without a size: it reaches to the end. */
const FRAME_OBU = 0x30;
/** The same with a size, as a depacketizer writes it. */
const SIZED_FRAME_OBU = FRAME_OBU | HAS_SIZE_FLAG;
/** A sequence header of one byte, with its size. It says nothing; it only is there. */
const DUMMY_SEQUENCE_HEADER = [0x0a, 0x01, 0x00];

const INTER_FRAME_WRAPPER = wholeOf(Uint8Array.of(FRAME_OBU));
const KEY_FRAME_WRAPPER = wholeOf(Uint8Array.of(...DUMMY_SEQUENCE_HEADER, FRAME_OBU));
/** 4 MiB, the largest frame that is sealed, takes four bytes of leb128; one more is harmless. */
const MAX_SIZE_BYTES = 5;

/**
 * AV1 travels as OBUs, whose headers packetizer and depacketizer read and rewrite. So the whole
 * temporal unit is sealed and wrapped into one OBU that looks like a frame. On key frames a
 * sequence header stands before it: by that a packetizer marks the start of a coded sequence,
 * without which nothing decodes. The SFU reads layers and key frames from the dependency
 * descriptor, which lies outside of the frame.
 *
 * The wrapper is the clear part. The depacketizer adds the OBU's size, which is taken off again
 * and must be right.
 */
export const AV1: FrameCodec = {
  id: 5,
  mimeType: "video/av1",
  kind: "video",
  clearOf(frame) {
    return hasSequenceHeader(frame) ? KEY_FRAME_WRAPPER : INTER_FRAME_WRAPPER;
  },
  find(received) {
    const isKeyFrame = DUMMY_SEQUENCE_HEADER.every((byte, index) => received[index] === byte);
    const clear = isKeyFrame ? KEY_FRAME_WRAPPER : INTER_FRAME_WRAPPER;
    const at = clear.length - 1;
    if (received[at] === FRAME_OBU) return { clear, bytes: received, sealedAt: at + 1 };
    if (received[at] !== SIZED_FRAME_OBU) return undefined;
    const size = readSize(received, at + 1);
    if (size === undefined || size.end + size.value !== received.length) return undefined;
    return { clear, bytes: received, sealedAt: size.end };
  },
};

/** Encoders put one before each key frame, and before no other. Bytes that are no OBUs have none. */
function hasSequenceHeader(frame: Uint8Array): boolean {
  let offset = 0;
  while (offset < frame.length) {
    const header = frame[offset] ?? 0;
    if (((header >> 3) & 0xf) === SEQUENCE_HEADER_TYPE) return true;
    if ((header & HAS_SIZE_FLAG) === 0) return false;
    const size = readSize(frame, offset + ((header & EXTENSION_FLAG) === 0 ? 1 : 2));
    if (size === undefined) return false;
    offset = size.end + size.value;
  }
  return false;
}

/** A number as leb128, section 4.10.5, and where it ends. */
function readSize(bytes: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let index = 0; index < MAX_SIZE_BYTES; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: start + index + 1 };
  }
  return undefined;
}
