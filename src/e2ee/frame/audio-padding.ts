import { FrameError } from "./frame-error.ts";

/**
 * Opus packets of speech and of silence differ in size, and sealing does not hide a size. So audio
 * is padded, inside of what is sealed, to one of few sizes: 128 bytes, which holds every packet of
 * a voice at up to 50 kbit/s (20 ms; measured: 3 to 117 bytes), or the next multiple of 64.
 *
 * The padding is that of ISO/IEC 7816-4: one byte 0x80, then zeros. It costs one byte, has no
 * limit of length, and is removed only after the tag has matched, so it is no oracle.
 */
const SMALLEST_BUCKET_BYTES = 128;
const BUCKET_STEP_BYTES = 64;
const MARKER = 0x80;

/** Bytes that a frame of `length` bytes has after padding. */
export function paddedLength(length: number): number {
  const steps = Math.ceil((length + 1) / BUCKET_STEP_BYTES);
  return Math.max(SMALLEST_BUCKET_BYTES, steps * BUCKET_STEP_BYTES);
}

/** Written over `reusable` if that has the right length. */
export function padAudio(
  frame: Uint8Array,
  reusable?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const byteLength = paddedLength(frame.length);
  const padded = reusable?.length === byteLength ? reusable : new Uint8Array(byteLength);
  padded.set(frame);
  padded[frame.length] = MARKER;
  padded.fill(0, frame.length + 1);
  return padded;
}

/** Cuts the padding off; the buffer is given up for it. Throws `malformed` where there is none. */
export function unpadAudio(padded: ArrayBuffer): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(padded);
  let end = bytes.length - 1;
  while (end >= 0 && bytes[end] === 0) end -= 1;
  if (bytes[end] !== MARKER) throw new FrameError("malformed", "the padding is missing");
  return new Uint8Array(padded.transfer(end));
}
