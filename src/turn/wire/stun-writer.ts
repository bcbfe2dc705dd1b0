import type { Endpoint } from "../ip/address.ts";
import { fingerprintOf, integrityBytes, messageIntegrity } from "./integrity.ts";
import type { MessageClass } from "./stun.ts";
import { attribute, attributeHeaderBytes, familyCode, headerBytes } from "./stun.ts";
import { magicCookie, messageType, padded } from "./stun.ts";

/**
 * Writes one STUN message into a buffer from position 0. The header's length field is right after
 * each attribute, so a message may be taken at any moment. Writing past the end throws
 * `RangeError`, as Buffer does.
 */
export class StunWriter {
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  /** Bytes written. */
  get length(): number {
    return this.#length;
  }

  /** `transactionId` are the 12 bytes at `transactionAt`. */
  begin(
    buffer: Buffer,
    methodNumber: number,
    classNumber: MessageClass,
    transactionId: Buffer,
    transactionAt: number,
  ): this {
    this.#buffer = buffer;
    buffer.writeUInt16BE(messageType(methodNumber, classNumber), 0);
    buffer.writeUInt16BE(0, 2);
    buffer.writeUInt32BE(magicCookie, 4);
    transactionId.copy(buffer, 8, transactionAt, transactionAt + 12);
    this.#length = headerBytes;
    return this;
  }

  uint32(type: number, value: number): this {
    this.#buffer.writeUInt32BE(value >>> 0, this.#open(type, 4));
    return this;
  }

  text(type: number, value: string): this {
    this.#buffer.write(value, this.#open(type, Buffer.byteLength(value)));
    return this;
  }

  bytes(type: number, source: Buffer, start = 0, end = source.length): this {
    source.copy(this.#buffer, this.#open(type, end - start), start, end);
    return this;
  }

  /** An XOR'd address, RFC 8489 section 14.2. */
  address(type: number, endpoint: Endpoint): this {
    const at = this.#open(type, endpoint.family === 4 ? 8 : 20);
    this.#buffer.writeUInt16BE(familyCode[endpoint.family], at);
    this.#buffer.writeUInt16BE(endpoint.port ^ (magicCookie >>> 16), at + 2);
    this.#masked(endpoint.w0, at + 4, 4);
    if (endpoint.family === 6) {
      this.#masked(endpoint.w1, at + 8, 8);
      this.#masked(endpoint.w2, at + 12, 12);
      this.#masked(endpoint.w3, at + 16, 16);
    }
    return this;
  }

  /** RFC 8489 section 14.8: hundreds and the rest lie in bytes of their own. */
  errorCode(code: number, reason: string): this {
    const at = this.#open(attribute.errorCode, 4 + Buffer.byteLength(reason));
    this.#buffer.writeUInt16BE(0, at);
    this.#buffer.writeUInt8(Math.trunc(code / 100), at + 2);
    this.#buffer.writeUInt8(code % 100, at + 3);
    this.#buffer.write(reason, at + 4);
    return this;
  }

  /** RFC 8656 section 18.9: the error of a family that was asked for besides the first. */
  addressError(family: number, code: number, reason: string): this {
    const at = this.#open(attribute.addressErrorCode, 4 + Buffer.byteLength(reason));
    this.#buffer.writeUInt16BE(family << 8, at);
    this.#buffer.writeUInt8(Math.trunc(code / 100), at + 2);
    this.#buffer.writeUInt8(code % 100, at + 3);
    this.#buffer.write(reason, at + 4);
    return this;
  }

  unknownAttributes(types: readonly number[]): this {
    let at = this.#open(attribute.unknownAttributes, types.length * 2);
    for (const type of types) at = this.#buffer.writeUInt16BE(type, at);
    return this;
  }

  integrity(key: Buffer): this {
    const attributeAt = this.#length;
    const valueAt = this.#open(attribute.messageIntegrity, integrityBytes);
    messageIntegrity(this.#buffer, 0, attributeAt, key).copy(this.#buffer, valueAt);
    return this;
  }

  fingerprint(): this {
    const attributeAt = this.#length;
    const valueAt = this.#open(attribute.fingerprint, 4);
    this.#buffer.writeUInt32BE(fingerprintOf(this.#buffer, 0, attributeAt), valueAt);
    return this;
  }

  /** Writes the attribute's header and its padding, and returns where the value goes. */
  #open(type: number, length: number): number {
    const at = this.#length;
    const valueAt = at + attributeHeaderBytes;
    const end = valueAt + padded(length);
    this.#buffer.writeUInt16BE(type, at);
    this.#buffer.writeUInt16BE(length, at + 2);
    if (end > valueAt + length) this.#buffer.fill(0, valueAt + length, end);
    this.#length = end;
    this.#buffer.writeUInt16BE(end - headerBytes, 2);
    return valueAt;
  }

  #masked(word: number, at: number, maskAt: number): void {
    this.#buffer.writeUInt32BE((word ^ this.#buffer.readUInt32BE(maskAt)) >>> 0, at);
  }
}
