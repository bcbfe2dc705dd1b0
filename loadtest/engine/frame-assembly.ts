import { sequenceDistance } from "./rtp-packet.ts";

/** What a packet carries of a frame. */
export interface FramePart {
  readonly sequence: number;
  readonly timestamp: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly bytes: Buffer;
}

interface Unfinished {
  readonly parts: Map<number, Buffer>;
  first: number | undefined;
  last: number | undefined;
}

/** Frames that may be under way at once: more are those that will never be whole. */
const MAX_UNFINISHED = 32;

/** Puts video frames together from packets that may come in any order. */
export class FrameAssembly {
  readonly #unfinished = new Map<number, Unfinished>();

  /** The frame, if this part was the last that it lacked. */
  add(part: FramePart): Buffer | undefined {
    if (part.isFirst && part.isLast) return part.bytes;
    const frame = this.#frameOf(part.timestamp);
    frame.parts.set(part.sequence, part.bytes);
    if (part.isFirst) frame.first = part.sequence;
    if (part.isLast) frame.last = part.sequence;
    if (frame.first === undefined || frame.last === undefined) return undefined;
    const count = sequenceDistance(frame.first, frame.last) + 1;
    if (frame.parts.size < count) return undefined;
    this.#unfinished.delete(part.timestamp);
    const parts: Buffer[] = [];
    for (let index = 0; index < count; index += 1) {
      const bytes = frame.parts.get((frame.first + index) & 0xffff);
      if (bytes === undefined) return undefined;
      parts.push(bytes);
    }
    return Buffer.concat(parts);
  }

  #frameOf(timestamp: number): Unfinished {
    const known = this.#unfinished.get(timestamp);
    if (known !== undefined) return known;
    const frame: Unfinished = { parts: new Map(), first: undefined, last: undefined };
    this.#unfinished.set(timestamp, frame);
    if (this.#unfinished.size > MAX_UNFINISHED) {
      const [oldest] = this.#unfinished.keys();
      if (oldest !== undefined) this.#unfinished.delete(oldest);
    }
    return frame;
  }
}

/**
 * Where the frame's bytes begin in a VP8 payload, and whether it is the frame's first packet, RFC
 * 7741 section 4.2. Undefined for a descriptor that is cut off.
 */
export function readVp8Descriptor(
  payload: Buffer,
): { readonly byteLength: number; readonly isFirst: boolean } | undefined {
  const first = payload[0];
  if (first === undefined) return undefined;
  let byteLength = 1;
  if ((first & 0x80) !== 0) {
    const extensions = payload[1] ?? 0;
    byteLength += 1;
    if ((extensions & 0x80) !== 0) byteLength += ((payload[2] ?? 0) & 0x80) === 0 ? 1 : 2;
    if ((extensions & 0x40) !== 0) byteLength += 1;
    if ((extensions & 0x30) !== 0) byteLength += 1;
  }
  if (byteLength >= payload.length) return undefined;
  return { byteLength, isFirst: (first & 0x10) !== 0 && (first & 0x07) === 0 };
}
