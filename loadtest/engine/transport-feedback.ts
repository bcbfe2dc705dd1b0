import { transportCcPacket } from "./rtcp.ts";
import { sequenceDistance } from "./rtp-packet.ts";

/** draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1. */
const NOT_RECEIVED = 0;
const SMALL_DELTA = 1;
const LARGE_DELTA = 2;
const STATUSES_PER_CHUNK = 7;
const DELTA_UNIT_US = 250;
const REFERENCE_UNIT_US = 64_000;
/** More than are ever sent between two reports; a jump beyond it is a new beginning. */
const MAX_STATUSES = 2_000;

/** Remembers when the packets of one transport came, and tells the sender of them. */
export class TransportFeedback {
  readonly #ownSsrc: number;
  readonly #arrivals = new Map<number, number>();
  #lowest: number | undefined;
  #highest: number | undefined;
  #count = 0;

  constructor(ownSsrc: number) {
    this.#ownSsrc = ownSsrc;
  }

  /** `sequence` is the packet's transport-wide number, `atUs` any clock that only goes forward. */
  received(sequence: number, atUs: number): void {
    if (this.#highest !== undefined) {
      const ahead = sequenceDistance(this.#highest, sequence);
      if (Math.abs(ahead) > MAX_STATUSES) this.#forget();
    }
    if (this.#lowest === undefined || this.#highest === undefined) {
      this.#lowest = sequence;
      this.#highest = sequence;
    } else if (sequenceDistance(this.#highest, sequence) > 0) {
      this.#highest = sequence;
    } else if (sequenceDistance(this.#lowest, sequence) < 0) {
      // Too late: it was told as lost.
      return;
    }
    this.#arrivals.set(sequence, atUs);
  }

  /** The report on what came since the last one; undefined when nothing did. */
  take(mediaSsrc: number): Buffer | undefined {
    const { base, statuses, deltas, referenceTime } = this.#collect();
    if (statuses.length === 0) return undefined;
    const chunkCount = Math.ceil(statuses.length / STATUSES_PER_CHUNK);
    const deltaBytes = deltas.reduce((sum, { bytes }) => sum + bytes, 0);
    const body = Math.ceil((8 + chunkCount * 2 + deltaBytes) / 4) * 4;
    const packet = transportCcPacket(this.#ownSsrc, mediaSsrc, body);
    packet.writeUInt16BE(base, 12);
    packet.writeUInt16BE(statuses.length, 14);
    packet.writeUIntBE(referenceTime & 0xff_ffff, 16, 3);
    packet[19] = this.#count & 0xff;
    this.#count += 1;
    let at = 20;
    for (let first = 0; first < statuses.length; first += STATUSES_PER_CHUNK) {
      packet.writeUInt16BE(chunkOf(statuses.slice(first, first + STATUSES_PER_CHUNK)), at);
      at += 2;
    }
    for (const { bytes, value } of deltas) {
      if (bytes === 1) packet.writeUInt8(value, at);
      else packet.writeInt16BE(value, at);
      at += bytes;
    }
    return packet;
  }

  #collect(): {
    base: number;
    statuses: number[];
    deltas: { bytes: 1 | 2; value: number }[];
    referenceTime: number;
  } {
    const statuses: number[] = [];
    const deltas: { bytes: 1 | 2; value: number }[] = [];
    const base = this.#lowest ?? 0;
    const first = this.#arrivals.values().next().value;
    if (first === undefined || this.#highest === undefined) {
      return { base, statuses, deltas, referenceTime: 0 };
    }
    const referenceTime = Math.floor(first / REFERENCE_UNIT_US);
    let lastUs = referenceTime * REFERENCE_UNIT_US;
    const span = sequenceDistance(base, this.#highest) + 1;
    for (let index = 0; index < span; index += 1) {
      const atUs = this.#arrivals.get((base + index) & 0xffff);
      if (atUs === undefined) {
        statuses.push(NOT_RECEIVED);
        continue;
      }
      const units = Math.round((atUs - lastUs) / DELTA_UNIT_US);
      const value = Math.min(0x7fff, Math.max(-0x8000, units));
      const isSmall = value >= 0 && value <= 0xff;
      statuses.push(isSmall ? SMALL_DELTA : LARGE_DELTA);
      deltas.push({ bytes: isSmall ? 1 : 2, value });
      // From what was told rather than from what was meant, so that rounding never adds up.
      lastUs += value * DELTA_UNIT_US;
    }
    this.#arrivals.clear();
    this.#lowest = (this.#highest + 1) & 0xffff;
    return { base, statuses, deltas, referenceTime };
  }

  #forget(): void {
    this.#arrivals.clear();
    this.#lowest = undefined;
    this.#highest = undefined;
  }
}

/** A status vector of seven symbols of two bits, section 3.1.4. */
function chunkOf(statuses: readonly number[]): number {
  return statuses.reduce((chunk, status, index) => chunk | (status << (12 - index * 2)), 0xc000);
}
