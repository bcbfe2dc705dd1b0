import { FRAME_STAMP } from "./media-engine.ts";

/** What a synthetic frame says of itself, see `FRAME_STAMP`. */
export interface FrameStamp {
  /** By the reference clock, in microseconds since 1970. */
  readonly sentAtUs: number;
  /** Within its encoding. */
  readonly number: number;
}

const { byteLength, mark } = FRAME_STAMP;
const WORD = 2 ** 32;
/** Asking for it each time costs more than the clock. */
const { timeOrigin } = performance;

/** Writes the stamp over the last bytes of `frame`. */
export function writeStamp(frame: Buffer, { sentAtUs, number }: FrameStamp): void {
  const at = frame.length - byteLength;
  const wholeUs = Math.round(sentAtUs);
  frame.writeUInt32BE(Math.floor(wholeUs / WORD), at);
  frame.writeUInt32BE(wholeUs >>> 0, at + 4);
  frame.writeUInt32BE(number >>> 0, at + 8);
  frame.writeUInt32BE(mark, at + 12);
}

/** Undefined for a frame that carries none, as those of browsers. */
export function readStamp(frame: Uint8Array): FrameStamp | undefined {
  const at = frame.length - byteLength;
  if (at < 0 || word(frame, at + 12) !== mark) return undefined;
  return {
    sentAtUs: word(frame, at) * WORD + word(frame, at + 4),
    number: word(frame, at + 8),
  };
}

/** Microseconds since 1970 by this machine's clock, which never goes back. */
export function wallClockUs(): number {
  return (timeOrigin + performance.now()) * 1_000;
}

function word(bytes: Uint8Array, at: number): number {
  const [first, second] = [bytes[at] ?? 0, bytes[at + 1] ?? 0];
  const [third, fourth] = [bytes[at + 2] ?? 0, bytes[at + 3] ?? 0];
  return ((first << 24) | (second << 16) | (third << 8) | fourth) >>> 0;
}
