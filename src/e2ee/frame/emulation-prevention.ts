/**
 * Emulation prevention, ITU-T H.264 section 7.4.1: within a NAL unit the bytes `00 00` are never
 * followed by a byte up to 3, because `00 00 01` begins the next unit. Where they would be, a byte
 * 3 is put between. Ciphertext holds every sequence sooner or later, so it is escaped likewise.
 *
 * A unit must not end in a zero either, as zeros at the end belong to nobody and may be cut off.
 * So one byte `80`, like the stop bit of section 7.3.2.11, ends what is escaped. It is always
 * there: an end that is only marked when it must be could not be told from one that is not.
 */
const ESCAPE = 3;
const END = 0x80;
const MAX_ZEROS = 2;

/** `before` as it is, and behind it `bytes` escaped and ended, in a buffer of its own. */
export function escapeAfter(before: Uint8Array, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  // The zeros that lie before the border count too.
  let zeros = trailingZeros(before);
  const escaped = new Uint8Array(before.length + escapedLength(bytes, zeros) + 1);
  escaped.set(before);
  let end = before.length;
  for (const byte of bytes) {
    if (zeros >= MAX_ZEROS && byte <= ESCAPE) {
      escaped[end++] = ESCAPE;
      zeros = 0;
    }
    escaped[end++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  escaped[end] = END;
  return escaped;
}

/**
 * The bytes that `escapeAfter` was given. Undefined for what it cannot have made: then somebody on
 * the way put a start code, or a byte, into the unit.
 */
export function unescapeAfter(
  before: Uint8Array,
  escaped: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  const last = escaped.length - 1;
  if (escaped[last] !== END) return undefined;
  const bytes = new Uint8Array(last);
  let zeros = trailingZeros(before);
  let length = 0;
  for (let index = 0; index < last; index += 1) {
    let byte = escaped[index] ?? 0;
    if (zeros >= MAX_ZEROS && byte <= ESCAPE) {
      if (byte !== ESCAPE) return undefined;
      index += 1;
      byte = escaped[index] ?? 0;
      // Only what would have meant something was escaped: so each unit has one form only.
      if (index === last || byte > ESCAPE) return undefined;
      zeros = 0;
    }
    bytes[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return bytes.subarray(0, length);
}

function escapedLength(bytes: Uint8Array, zerosBefore: number): number {
  let zeros = zerosBefore;
  let { length } = bytes;
  for (const byte of bytes) {
    if (zeros >= MAX_ZEROS && byte <= ESCAPE) {
      length += 1;
      zeros = 0;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return length;
}

function trailingZeros(bytes: Uint8Array): number {
  let zeros = 0;
  while (zeros < MAX_ZEROS && bytes[bytes.length - 1 - zeros] === 0) zeros += 1;
  return zeros;
}
