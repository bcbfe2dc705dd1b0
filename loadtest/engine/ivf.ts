import { readFile } from "node:fs/promises";
import { EngineError } from "./engine-error.ts";
import { FRAME_STAMP } from "./media-engine.ts";

/** One encoded frame. `durationUs` is until the next one. */
export interface MediaFrame {
  readonly bytes: Buffer;
  /**
   * The same with room for a stamp (`FRAME_STAMP`): audio has it in its padding, behind a picture
   * it is appended. Who sends the frame writes the stamp right before the frame is sealed, or copied.
   */
  readonly stampable: Buffer;
  readonly durationUs: number;
  readonly isKeyFrame: boolean;
}

/** A loop of encoded frames that begins with a key frame. */
export interface MediaLoop {
  readonly codec: "opus" | "vp8";
  readonly frames: readonly MediaFrame[];
  readonly durationUs: number;
}

const FILE_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 12;

/** Reads an IVF file as `MediaName` describes it. Rejects with `EngineError` (`bad-input`). */
export async function readMediaLoop(path: string): Promise<MediaLoop> {
  const file = await readFile(path).catch((cause: unknown) => {
    throw new EngineError("bad-input", `the media ${path} can't be read: ${String(cause)}`);
  });
  return parseIvf(file, path);
}

function parseIvf(file: Buffer, name: string): MediaLoop {
  const codec = codecOf(file, name);
  const rate = file.readUInt32LE(16);
  const scale = file.readUInt32LE(20);
  if (rate === 0) throw broken(name, "its timestamps have no unit");
  const raw: { bytes: Buffer; timestamp: number }[] = [];
  let at = file.readUInt16LE(6);
  while (at + FRAME_HEADER_BYTES <= file.length) {
    const byteLength = file.readUInt32LE(at);
    const bytes = file.subarray(at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + byteLength);
    if (bytes.length < byteLength || byteLength === 0) throw broken(name, "a frame is cut off");
    raw.push({ bytes, timestamp: Number(file.readBigUInt64LE(at + 4)) });
    at += FRAME_HEADER_BYTES + byteLength;
  }
  const last = raw.length - 1;
  if (last < 1) throw broken(name, "it has fewer than two frames");
  const unitUs = (scale / rate) * 1e6;
  const frames = raw.map(({ bytes, timestamp }, index) => {
    // The last one lasts as long as the one before it.
    const from = index === last ? (raw[last - 1]?.timestamp ?? 0) : timestamp;
    const to = index === last ? timestamp : (raw[index + 1]?.timestamp ?? 0);
    // RFC 6386 section 9.1: the lowest bit of a VP8 frame is 0 on key frames.
    const isKeyFrame = codec === "opus" || ((bytes[0] ?? 0) & 1) === 0;
    const room = Buffer.alloc(codec === "opus" ? 0 : FRAME_STAMP.byteLength);
    const stampable = Buffer.concat([bytes, room]);
    return { bytes, stampable, durationUs: (to - from) * unitUs, isKeyFrame };
  });
  if (frames[0]?.isKeyFrame !== true) throw broken(name, "it doesn't begin with a key frame");
  if (frames.some(({ durationUs }) => durationUs <= 0)) throw broken(name, "its time stands still");
  return { codec, frames, durationUs: frames.reduce((sum, frame) => sum + frame.durationUs, 0) };
}

function codecOf(file: Buffer, name: string): "opus" | "vp8" {
  if (file.length < FILE_HEADER_BYTES || file.toString("latin1", 0, 4) !== "DKIF") {
    throw broken(name, "it is no IVF file");
  }
  const fourcc = file.toString("latin1", 8, 12);
  if (fourcc === "OPUS") return "opus";
  if (fourcc === "VP80") return "vp8";
  throw broken(name, `its codec is ${JSON.stringify(fourcc)}`);
}

function broken(name: string, what: string): EngineError {
  return new EngineError("bad-input", `the media ${name} is of no use: ${what}`);
}
