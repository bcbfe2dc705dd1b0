import { createHmac, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";
import { attributeHeaderBytes, fingerprintXor, headerBytes } from "./stun.ts";

export const integrityBytes = 20;

const lengthField = Buffer.alloc(2);

/**
 * MESSAGE-INTEGRITY of the message that begins at `start` and whose MESSAGE-INTEGRITY attribute
 * begins at `attributeAt`: HMAC-SHA1 over everything before it, with the header's length field
 * counted as if the message ended with that attribute (RFC 8489 section 14.5). Reads only.
 */
export function messageIntegrity(
  buffer: Buffer,
  start: number,
  attributeAt: number,
  key: Buffer,
): Buffer {
  const length = attributeAt + attributeHeaderBytes + integrityBytes - headerBytes - start;
  lengthField.writeUInt16BE(length);
  return createHmac("sha1", key)
    .update(buffer.subarray(start, start + 2))
    .update(lengthField)
    .update(buffer.subarray(start + 4, attributeAt))
    .digest();
}

/** Constant in time over the bytes of the code. */
export function integrityHolds(
  buffer: Buffer,
  start: number,
  attributeAt: number,
  key: Buffer,
): boolean {
  const valueAt = attributeAt + attributeHeaderBytes;
  if (buffer.readUInt16BE(attributeAt + 2) !== integrityBytes) return false;
  const given = buffer.subarray(valueAt, valueAt + integrityBytes);
  return timingSafeEqual(given, messageIntegrity(buffer, start, attributeAt, key));
}

/** FINGERPRINT of the bytes before it (RFC 8489 section 14.7). */
export function fingerprintOf(buffer: Buffer, start: number, attributeAt: number): number {
  return (crc32(buffer.subarray(start, attributeAt)) ^ fingerprintXor) >>> 0;
}
