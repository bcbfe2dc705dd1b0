import { firstChannel, headerBytes, lastChannel, magicCookie, padded } from "./stun.ts";

/** Receives one whole message; the bytes hold only until it returns. */
export type FrameHandler = (buffer: Buffer, start: number, end: number) => void;

export interface FramerOptions {
  readonly onFrame: FrameHandler;
  /** Asked at each message: a client that has proven nothing gets less room than others. */
  readonly frameBytesMax: () => number;
}

/** Enough to tell the size of any message. */
const prefixBytes = 8;

/**
 * Cuts a TCP stream into STUN messages and ChannelData (RFC 8489 section 6.2.2, RFC 8656 section
 * 12.5, which pads ChannelData to 4 bytes on streams). What can't be the beginning of either, or is
 * too large, ends the stream: there is no way back into step. Messages that lie whole in a chunk
 * are handed on in place; of an incomplete one the bytes are gathered, each copied once.
 */
export class StreamFramer {
  readonly #options: FramerOptions;
  #partial: Buffer = Buffer.alloc(prefixBytes);
  #filled = 0;
  /** Of the incomplete message; 0 as long as its header doesn't tell. */
  #size = 0;

  constructor(options: FramerOptions) {
    this.#options = options;
  }

  /** Bytes of a message that has not arrived in whole. */
  get pending(): number {
    return this.#filled;
  }

  /** False when the bytes are no TURN stream: then the connection is to be closed. */
  push(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length) {
      const size = this.#filled === 0 ? this.#sizeOf(chunk, at, chunk.length) : 0;
      if (size < 0) return false;
      if (size > 0 && at + size <= chunk.length) {
        this.#options.onFrame(chunk, at, at + size);
        at += size;
      } else {
        const taken = this.#gather(chunk, at);
        if (taken < 0) return false;
        at += taken;
      }
    }
    return true;
  }

  /** Takes bytes of one message and returns how many, or -1. */
  #gather(chunk: Buffer, start: number): number {
    let at = start;
    while (this.#size === 0 && at < chunk.length) {
      chunk.copy(this.#partial, this.#filled, at, at + 1);
      this.#filled += 1;
      at += 1;
      const size = this.#sizeOf(this.#partial, 0, this.#filled);
      if (size < 0) return -1;
      if (size > 0) this.#expect(size);
    }
    const taken = Math.min(this.#size - this.#filled, chunk.length - at);
    if (taken > 0) {
      chunk.copy(this.#partial, this.#filled, at, at + taken);
      this.#filled += taken;
      at += taken;
    }
    if (this.#size > 0 && this.#filled === this.#size) this.#deliver();
    return at - start;
  }

  #expect(size: number): void {
    const whole = Buffer.allocUnsafe(Math.max(size, prefixBytes));
    this.#partial.copy(whole, 0, 0, this.#filled);
    this.#partial = whole;
    this.#size = size;
  }

  #deliver(): void {
    const [frame, size] = [this.#partial, this.#size];
    this.#partial = Buffer.alloc(prefixBytes);
    this.#filled = 0;
    this.#size = 0;
    this.#options.onFrame(frame, 0, size);
  }

  #sizeOf(bytes: Buffer, at: number, end: number): number {
    const size = frameSize(bytes, at, end);
    return size > this.#options.frameBytesMax() ? -1 : size;
  }
}

/** Bytes of the message at `at`: 0 while its header is incomplete, -1 when it is none. */
function frameSize(bytes: Buffer, at: number, end: number): number {
  const available = end - at;
  if (available < 1) return 0;
  const first = bytes.readUInt8(at);
  if (first > lastChannel >>> 8) return -1;
  if (available < 4) return 0;
  const length = bytes.readUInt16BE(at + 2);
  if (first >= firstChannel >>> 8) return 4 + padded(length);
  if (length % 4 !== 0) return -1;
  if (available < 8) return 0;
  return bytes.readUInt32BE(at + 4) === magicCookie ? headerBytes + length : -1;
}
