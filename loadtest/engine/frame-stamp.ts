import { FRAME_STAMP } from "./media-engine.ts";

/** What a synthetic frame says of itself, see `FRAME_STAMP`. */
export interface FrameStamp {
  /** By the reference clock, in microseconds since 1970. */
  readonly sentAtUs: number;
  /** Within its encoding. */
  readonly number: number;
}

const { byteLength, mark } = FRAME_STAMP;

/** Writes the stamp over the last bytes of `frame`. */
export function writeStamp(frame: Buffer, { sentAtUs, number }: FrameStamp): void {
  const at = frame.length - byteLength;
  frame.writeBigUInt64BE(BigInt(Math.round(sentAtUs)), at);
  frame.writeUInt32BE(number >>> 0, at + 8);
  frame.writeUInt32BE(mark, at + 12);
}

/** Undefined for a frame that carries none, as those of browsers. */
export function readStamp(frame: Uint8Array): FrameStamp | undefined {
  if (frame.length < byteLength) return undefined;
  const bytes = Buffer.from(frame.buffer, frame.byteOffset + frame.length - byteLength, byteLength);
  if (bytes.readUInt32BE(12) !== mark) return undefined;
  return { sentAtUs: Number(bytes.readBigUInt64BE(0)), number: bytes.readUInt32BE(8) };
}

/** Microseconds since 1970 by this machine's clock, which never goes back. */
export function wallClockUs(): number {
  return (performance.timeOrigin + performance.now()) * 1_000;
}
