import type { Endpoint } from "../ip/address.ts";
import { fingerprintOf } from "./integrity.ts";
import { attribute, attributeHeaderBytes, headerBytes, magicCookie, padded } from "./stun.ts";
import type { MessageClass } from "./stun.ts";
import { classOf, familyCode, methodOf } from "./stun.ts";

const slots = 0x32;
const fingerprintSlot = 0x30;
const additionalFamilySlot = 0x31;
/** XOR-PEER-ADDRESS is the one attribute that may be repeated (RFC 8656 section 10.1). */
const peerLimit = 64;
/** More unknown ones than this are not listed in the answer. */
const unknownLimit = 16;

const knownBelow0x30 = new Set<number>(
  Object.values(attribute).filter((type) => type < fingerprintSlot),
);

/**
 * Reads one STUN message in place: it notes where each attribute lies and copies nothing. One
 * instance serves a whole core, and what it says holds until the next `parse`.
 */
export class StunReader {
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;
  #type = 0;
  readonly #at = new Int32Array(slots);
  readonly #peersAt = new Int32Array(peerLimit);
  readonly #unknown = new Uint16Array(unknownLimit);
  #peers = 0;
  #unknowns = 0;

  get method(): number {
    return methodOf(this.#type);
  }

  get class(): MessageClass {
    return classOf(this.#type);
  }

  get buffer(): Buffer {
    return this.#buffer;
  }

  /** Where the message begins in the buffer. */
  get start(): number {
    return this.#start;
  }

  get peerCount(): number {
    return this.#peers;
  }

  /** Comprehension-required attributes that this server doesn't know (types below 0x8000). */
  get unknown(): readonly number[] {
    return [...this.#unknown.subarray(0, this.#unknowns)];
  }

  get hasUnknown(): boolean {
    return this.#unknowns > 0;
  }

  /**
   * False when `buffer[start, end)` is not exactly one well-formed message: RFC 8489 sections 5
   * and 6.3, a wrong FINGERPRINT included. The first of repeated attributes counts; those after
   * MESSAGE-INTEGRITY don't, but for FINGERPRINT (section 14.5), because nobody vouched for them.
   */
  parse(buffer: Buffer, start: number, end: number): boolean {
    if (end - start < headerBytes) return false;
    const type = buffer.readUInt16BE(start);
    if (type > 0x3fff || buffer.readUInt32BE(start + 4) !== magicCookie) return false;
    const length = buffer.readUInt16BE(start + 2);
    if (length % 4 !== 0 || start + headerBytes + length !== end) return false;
    this.#buffer = buffer;
    this.#start = start;
    this.#type = type;
    this.#peers = 0;
    this.#unknowns = 0;
    this.#at.fill(-1);
    return this.#walk(end) && this.#fingerprintHolds(end);
  }

  has(type: number): boolean {
    return this.at(type) >= 0;
  }

  /** The position of the attribute's header, -1 when there is none. */
  at(type: number): number {
    return this.#at[slotOf(type)] ?? -1;
  }

  /** The position of the value, -1 unless the attribute is there with exactly `bytes` of value. */
  valueAt(type: number, bytes: number): number {
    const at = this.at(type);
    if (at < 0 || this.#buffer.readUInt16BE(at + 2) !== bytes) return -1;
    return at + attributeHeaderBytes;
  }

  /** A view, not a copy. */
  value(type: number): Buffer | undefined {
    const at = this.at(type);
    if (at < 0) return undefined;
    const valueAt = at + attributeHeaderBytes;
    return this.#buffer.subarray(valueAt, valueAt + this.#buffer.readUInt16BE(at + 2));
  }

  /** Latin-1, so that no byte is lost and none is guessed at; our names are ASCII. */
  text(type: number): string | undefined {
    return this.value(type)?.toString("latin1");
  }

  uint8(type: number, bytes: number): number | undefined {
    const at = this.valueAt(type, bytes);
    return at < 0 ? undefined : this.#buffer.readUInt8(at);
  }

  uint16(type: number, bytes: number): number | undefined {
    const at = this.valueAt(type, bytes);
    return at < 0 ? undefined : this.#buffer.readUInt16BE(at);
  }

  uint32(type: number): number | undefined {
    const at = this.valueAt(type, 4);
    return at < 0 ? undefined : this.#buffer.readUInt32BE(at);
  }

  /** Fills `into` with the XOR-PEER-ADDRESS number `index`; false when it is malformed. */
  peer(index: number, into: Endpoint): boolean {
    if (index >= this.#peers) return false;
    return readXorAddress(this.#buffer, this.#start, this.#peersAt[index] ?? -1, into);
  }

  #walk(end: number): boolean {
    let at = this.#start + headerBytes;
    let sealed = false;
    while (at < end) {
      if (at + attributeHeaderBytes > end) return false;
      const type = this.#buffer.readUInt16BE(at);
      const next = at + attributeHeaderBytes + padded(this.#buffer.readUInt16BE(at + 2));
      if (next > end) return false;
      if (type === attribute.fingerprint) {
        this.#at[fingerprintSlot] = at;
        return next === end;
      }
      if (!sealed && !this.#note(type, at)) return false;
      sealed ||= type === attribute.messageIntegrity;
      at = next;
    }
    return true;
  }

  #note(type: number, at: number): boolean {
    if (type === attribute.xorPeerAddress) {
      if (this.#peers === peerLimit) return false;
      this.#peersAt[this.#peers] = at;
      this.#peers += 1;
      return true;
    }
    const slot = slotOf(type);
    if (slot >= 0) {
      if (this.#at[slot] === -1) this.#at[slot] = at;
    } else if (type < 0x8000 && this.#unknowns < unknownLimit) {
      this.#unknown[this.#unknowns] = type;
      this.#unknowns += 1;
    }
    return true;
  }

  #fingerprintHolds(end: number): boolean {
    const at = this.#at[fingerprintSlot] ?? -1;
    if (at < 0) return true;
    if (at + 8 !== end || this.#buffer.readUInt16BE(at + 2) !== 4) return false;
    return this.#buffer.readUInt32BE(at + 4) === fingerprintOf(this.#buffer, this.#start, at);
  }
}

/**
 * Reads the XOR'd address (RFC 8489 section 14.2) of the attribute at `at` into `into`. The mask is
 * the magic cookie and, for IPv6, the transaction id as well: both stand in the message's header.
 */
export function readXorAddress(buffer: Buffer, start: number, at: number, into: Endpoint): boolean {
  if (at < 0) return false;
  const length = buffer.readUInt16BE(at + 2);
  if (length !== 8 && length !== 20) return false;
  const family = buffer.readUInt8(at + 5);
  if (family !== (length === 8 ? familyCode[4] : familyCode[6])) return false;
  into.family = length === 8 ? 4 : 6;
  into.port = buffer.readUInt16BE(at + 6) ^ (magicCookie >>> 16);
  into.w0 = (buffer.readUInt32BE(at + 8) ^ magicCookie) >>> 0;
  into.w1 = length === 8 ? 0 : unmask(buffer, at + 12, start + 8);
  into.w2 = length === 8 ? 0 : unmask(buffer, at + 16, start + 12);
  into.w3 = length === 8 ? 0 : unmask(buffer, at + 20, start + 16);
  return true;
}

function unmask(buffer: Buffer, at: number, maskAt: number): number {
  return (buffer.readUInt32BE(at) ^ buffer.readUInt32BE(maskAt)) >>> 0;
}

function slotOf(type: number): number {
  if (type === attribute.fingerprint) return fingerprintSlot;
  if (type === attribute.additionalAddressFamily) return additionalFamilySlot;
  return knownBelow0x30.has(type) ? type : -1;
}
