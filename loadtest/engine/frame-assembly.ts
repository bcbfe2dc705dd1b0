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
  readonly parts: FramePart[];
  first: number | undefined;
  last: number | undefined;
}

/** Frames that may be under way at once: more are those that will never be whole. */
const MAX_UNFINISHED = 32;

/** Puts video frames together from packets that may come in any order. */
export class FrameAssembly {
  readonly #unfinished = new Map<number, Unfinished>();

  /** What the frame consists of, if this part was the last that it lacked. No part comes twice. */
  add(part: FramePart): readonly FramePart[] | undefined {
    if (part.isFirst && part.isLast) return [part];
    const frame = this.#frameOf(part.timestamp);
    const isInOrder = isNext(frame.parts.at(-1), part);
    frame.parts.push(part);
    if (!isInOrder)
      frame.parts.sort((one, other) => sequenceDistance(other.sequence, one.sequence));
    if (part.isFirst) frame.first = part.sequence;
    if (part.isLast) frame.last = part.sequence;
    if (frame.first === undefined || frame.last === undefined) return undefined;
    if (frame.parts.length <= sequenceDistance(frame.first, frame.last)) return undefined;
    this.#unfinished.delete(part.timestamp);
    return frame.parts;
  }

  #frameOf(timestamp: number): Unfinished {
    const known = this.#unfinished.get(timestamp);
    if (known !== undefined) return known;
    const frame: Unfinished = { parts: [], first: undefined, last: undefined };
    this.#unfinished.set(timestamp, frame);
    if (this.#unfinished.size > MAX_UNFINISHED) {
      const [oldest] = this.#unfinished.keys();
      if (oldest !== undefined) this.#unfinished.delete(oldest);
    }
    return frame;
  }
}

function isNext(before: FramePart | undefined, part: FramePart): boolean {
  return before === undefined || sequenceDistance(before.sequence, part.sequence) > 0;
}

/**
 * Where the frame's bytes begin in a VP8 payload, and whether it is the frame's first packet, RFC
 * 7741 section 4.2. Undefined for a descriptor that is cut off. The payload lies in `packet` from
 * `start` to `end`.
 */
export function readVp8Descriptor(
  packet: Buffer,
  start: number,
  end: number,
): { readonly end: number; readonly isFirst: boolean } | undefined {
  const first = packet[start] ?? 0;
  let at = start + 1;
  if ((first & 0x80) !== 0) {
    const extensions = packet[at] ?? 0;
    at += 1;
    if ((extensions & 0x80) !== 0) at += ((packet[at] ?? 0) & 0x80) === 0 ? 1 : 2;
    if ((extensions & 0x40) !== 0) at += 1;
    if ((extensions & 0x30) !== 0) at += 1;
  }
  if (at >= end) return undefined;
  return { end: at, isFirst: (first & 0x10) !== 0 && (first & 0x07) === 0 };
}
