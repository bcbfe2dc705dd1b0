import { FrameError } from "./frame-error.ts";

/**
 * The SFrame header, RFC 9605 section 4.3: one byte of configuration, then the key id and the
 * counter, each either within the configuration byte (0 to 7) or in 1 to 8 bytes after it.
 *
 * Both are `bigint` here, because both cover the whole range of 64 bits. The frames of a call need
 * 32 bits of each: see `media-header.ts`.
 */
export interface FrameHeader {
  readonly keyId: bigint;
  readonly counter: bigint;
}

export interface DecodedHeader extends FrameHeader {
  readonly byteLength: number;
}

/** One byte of configuration and two fields of eight bytes. */
export const MAX_HEADER_BYTES = 17;
const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;
/** The largest value that fits into the three bits within the configuration byte. */
const MAX_INLINE = 7;
const IS_EXTENDED = 0b1000;
const KEY_ID_SHIFT = 4;

/** The shortest encoding; throws `bad-argument` for values that do not fit into 64 bits. */
export function encodeHeader(keyId: bigint, counter: bigint): Uint8Array<ArrayBuffer> {
  const keyIdBytes = fieldBytes(keyId, "key id");
  const counterBytes = fieldBytes(counter, "counter");
  const header = new Uint8Array(1 + keyIdBytes + counterBytes);
  header[0] = (fieldBits(keyId, keyIdBytes) << KEY_ID_SHIFT) | fieldBits(counter, counterBytes);
  writeField(header, 1, keyIdBytes, keyId);
  writeField(header, 1 + keyIdBytes, counterBytes, counter);
  return header;
}

/**
 * Reads the header that begins at `offset`. Throws `malformed` when bytes are missing, or when a
 * field is longer than it must be: with one encoding per header, a frame has one form only.
 */
export function decodeHeader(bytes: Uint8Array, offset = 0): DecodedHeader {
  const configuration = bytes[offset];
  if (configuration === undefined) throw new FrameError("malformed", "the header is missing");
  const keyIdBits = configuration >> KEY_ID_SHIFT;
  const counterBits = configuration & 0xf;
  const keyIdBytes = extendedBytes(keyIdBits);
  const counterBytes = extendedBytes(counterBits);
  const byteLength = 1 + keyIdBytes + counterBytes;
  if (bytes.length - offset < byteLength) {
    throw new FrameError("malformed", "the header is cut off");
  }
  return {
    keyId: readField(bytes, offset + 1, keyIdBytes, keyIdBits),
    counter: readField(bytes, offset + 1 + keyIdBytes, counterBytes, counterBits),
    byteLength,
  };
}

/** Bytes that the value takes after the configuration byte: none up to 7. */
function fieldBytes(value: bigint, what: string): number {
  if (value < 0n || value > MAX_UINT64) {
    throw new FrameError("bad-argument", `the ${what} must fit into 64 bits`);
  }
  if (value <= MAX_INLINE) return 0;
  let byteLength = 1;
  for (let rest = value >> 8n; rest > 0n; rest >>= 8n) byteLength += 1;
  return byteLength;
}

function fieldBits(value: bigint, byteLength: number): number {
  return byteLength === 0 ? Number(value) : IS_EXTENDED | (byteLength - 1);
}

function extendedBytes(bits: number): number {
  return (bits & IS_EXTENDED) === 0 ? 0 : (bits & MAX_INLINE) + 1;
}

function writeField(target: Uint8Array, offset: number, byteLength: number, value: bigint): void {
  let rest = value;
  for (let index = byteLength - 1; index >= 0; index -= 1) {
    target[offset + index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

function readField(bytes: Uint8Array, offset: number, byteLength: number, bits: number): bigint {
  if (byteLength === 0) return BigInt(bits);
  const first = bytes[offset] ?? 0;
  const isMinimal = byteLength === 1 ? first > MAX_INLINE : first !== 0;
  if (!isMinimal) throw new FrameError("malformed", "the header is longer than it must be");
  let value = 0n;
  for (let index = 0; index < byteLength; index += 1) {
    value = (value << 8n) | BigInt(bytes[offset + index] ?? 0);
  }
  return value;
}
