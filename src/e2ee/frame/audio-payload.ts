import { FrameError } from "./frame-error.ts";

/**
 * What is sealed of audio: the frame, the frame before it once more where there is room, and
 * padding.
 *
 * Opus packets of speech and of silence differ in size, and sealing does not hide a size. So audio
 * is padded to one of few sizes: 192 bytes, which holds two packets of a voice at 32 kbit/s (20 ms,
 * 80 bytes), or the next multiple of 64. What the padding would waste carries the frame before: a
 * receiver that missed it has it 20 ms later (the idea of RFC 2198, inside of the encryption).
 *
 * After the frames comes a marker that is not zero, then zeros, as in ISO/IEC 7816-4:
 *
 * - `0x80`: the frame alone
 * - `0x81`: the frame, then the one before, both of one length, as at a constant bit rate
 * - `0x82`: the frame, the one before, and the latter's length in one byte
 *
 * So it costs one byte, and no more for the redundancy. It is taken apart only after the tag has
 * matched, so it is no oracle.
 */
const SMALLEST_BUCKET_BYTES = 192;
const BUCKET_STEP_BYTES = 64;
const ALONE = 0x80;
const TWINS = 0x81;
const UNEQUAL = 0x82;
const MAX_UNEQUAL_BYTES = 0xff;

export interface AudioPayload {
  readonly frame: Uint8Array<ArrayBuffer>;
  /** The frame before it, if it came along. */
  readonly previous: Uint8Array<ArrayBuffer> | undefined;
}

/** Bytes that a frame of `length` bytes has after padding. */
export function paddedLength(length: number): number {
  const steps = Math.ceil((length + 1) / BUCKET_STEP_BYTES);
  return Math.max(SMALLEST_BUCKET_BYTES, steps * BUCKET_STEP_BYTES);
}

/**
 * Written over `reusable` if that has the right length. The frame before is left out where it
 * would take more bytes than the frame alone does: sizes must not tell it.
 */
export function packAudio(
  frame: Uint8Array,
  previous?: Uint8Array,
  reusable?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const byteLength = paddedLength(frame.length);
  const padded = reusable?.length === byteLength ? reusable : new Uint8Array(byteLength);
  padded.set(frame);
  let end = frame.length;
  let marker = ALONE;
  if (previous !== undefined && previous.length > 0) {
    const areTwins = previous.length === frame.length;
    const lengthBytes = areTwins ? 0 : 1;
    const fits = end + previous.length + lengthBytes < byteLength;
    if (fits && (areTwins || previous.length <= MAX_UNEQUAL_BYTES)) {
      padded.set(previous, end);
      end += previous.length;
      if (!areTwins) padded[end++] = previous.length;
      marker = areTwins ? TWINS : UNEQUAL;
    }
  }
  padded[end] = marker;
  padded.fill(0, end + 1);
  return padded;
}

/**
 * Takes the frames out: `frame` in a buffer of its own, `previous` as a part of `padded`. Throws
 * `malformed` for anything else.
 */
export function unpackAudio(padded: ArrayBuffer): AudioPayload {
  const bytes = new Uint8Array(padded);
  let end = bytes.length - 1;
  while (end >= 0 && bytes[end] === 0) end -= 1;
  const marker = bytes[end] ?? 0;
  switch (marker) {
    case ALONE:
      return { frame: bytes.slice(0, end), previous: undefined };
    case TWINS:
      if (end === 0 || end % 2 !== 0) throw notPadded();
      return divide(bytes, end / 2, end);
    case UNEQUAL: {
      const length = bytes[end - 1] ?? 0;
      const start = end - 1 - length;
      if (length === 0 || start < 0) throw notPadded();
      return divide(bytes, start, end - 1);
    }
    default:
      throw notPadded();
  }
}

function divide(bytes: Uint8Array<ArrayBuffer>, border: number, end: number): AudioPayload {
  return { frame: bytes.slice(0, border), previous: bytes.subarray(border, end) };
}

function notPadded(): FrameError {
  return new FrameError("malformed", "the padding is missing");
}
