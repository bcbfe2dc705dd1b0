/**
 * The SFrame header (RFC 9605 section 4.3) of frames in a call, whose key ids and counters are
 * below 2^32. `header.ts` is the whole of it; this is the part that runs for each frame, on numbers
 * alone, as arithmetic on bigints allocates. Both agree wherever both have something to say.
 */
export interface MediaHeader {
  readonly keyId: number;
  readonly counter: number;
  readonly byteLength: number;
}

/** The largest value that fits into the three bits within the configuration byte. */
const MAX_INLINE = 7;
const IS_EXTENDED = 0b1000;
/** A field of more bytes holds a number that no call uses. */
const MAX_FIELD_BYTES = 4;
const KEY_ID_SHIFT = 4;

export function mediaHeaderBytes(keyId: number, counter: number): number {
  return 1 + fieldBytes(keyId) + fieldBytes(counter);
}

/** Writes the header at `offset`. Both numbers must be whole, at least 0 and below 2^32. */
export function writeMediaHeader(
  target: Uint8Array,
  offset: number,
  keyId: number,
  counter: number,
): void {
  const keyIdBytes = fieldBytes(keyId);
  const counterBytes = fieldBytes(counter);
  target[offset] =
    (fieldBits(keyId, keyIdBytes) << KEY_ID_SHIFT) | fieldBits(counter, counterBytes);
  writeField(target, offset + 1, keyIdBytes, keyId);
  writeField(target, offset + 1 + keyIdBytes, counterBytes, counter);
}

/**
 * Reads the header that begins at `offset`. Undefined when bytes are missing, when a field is longer
 * than it must be (with one encoding per header a frame has one form only), or beyond 32 bits.
 */
export function readMediaHeader(bytes: Uint8Array, offset: number): MediaHeader | undefined {
  const configuration = bytes[offset];
  if (configuration === undefined) return undefined;
  const keyIdBits = configuration >> KEY_ID_SHIFT;
  const counterBits = configuration & 0xf;
  const keyIdBytes = extendedBytes(keyIdBits);
  const counterBytes = extendedBytes(counterBits);
  const byteLength = 1 + keyIdBytes + counterBytes;
  if (keyIdBytes > MAX_FIELD_BYTES || counterBytes > MAX_FIELD_BYTES) return undefined;
  if (bytes.length - offset < byteLength) return undefined;
  const keyId = readField(bytes, offset + 1, keyIdBytes, keyIdBits);
  const counter = readField(bytes, offset + 1 + keyIdBytes, counterBytes, counterBits);
  if (fieldBytes(keyId) !== keyIdBytes || fieldBytes(counter) !== counterBytes) return undefined;
  return { keyId, counter, byteLength };
}

/** Bytes that the value takes after the configuration byte: none up to 7. */
function fieldBytes(value: number): number {
  return value <= MAX_INLINE ? 0 : 4 - (Math.clz32(value) >>> 3);
}

function fieldBits(value: number, byteLength: number): number {
  return byteLength === 0 ? value : IS_EXTENDED | (byteLength - 1);
}

function extendedBytes(bits: number): number {
  return (bits & IS_EXTENDED) === 0 ? 0 : (bits & MAX_INLINE) + 1;
}

function writeField(target: Uint8Array, offset: number, byteLength: number, value: number): void {
  let rest = value;
  for (let index = byteLength - 1; index >= 0; index -= 1) {
    target[offset + index] = rest;
    rest >>>= 8;
  }
}

function readField(bytes: Uint8Array, offset: number, byteLength: number, bits: number): number {
  if (byteLength === 0) return bits;
  let value = 0;
  for (let index = 0; index < byteLength; index += 1) {
    value = (value << 8) | (bytes[offset + index] ?? 0);
  }
  // Shifts give numbers with a sign.
  return value >>> 0;
}
