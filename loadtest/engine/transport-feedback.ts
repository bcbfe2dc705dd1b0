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
const CHUNKS_AT = 20;
const NEVER = -1;
/** No delta: those have 16 bits. */
const MISSING = 0x1_0000;

/** Remembers when the packets of one transport came, and tells the sender of them. */
export class TransportFeedback {
  readonly #ownSsrc: number;
  /** In microseconds, by the distance from `#base`; `NEVER` from `#span` on. */
  readonly #arrivals = new Float64Array(MAX_STATUSES).fill(NEVER);
  /** What is told of each packet: the time since the one before it that came. */
  readonly #deltas = new Int32Array(MAX_STATUSES);
  /** The first packet to be told of, and how many are, the last of which has come. */
  #base: number | undefined;
  #span = 0;
  #count = 0;

  constructor(ownSsrc: number) {
    this.#ownSsrc = ownSsrc;
  }

  /** `sequence` is the packet's transport-wide number, `atUs` any clock that only goes forward. */
  received(sequence: number, atUs: number): void {
    let place = sequenceDistance(this.#base ?? sequence, sequence);
    if (this.#base === undefined || Math.abs(place) >= MAX_STATUSES) {
      this.#forget(sequence);
      place = 0;
    }
    // Too late: it was told as lost.
    if (place < 0) return;
    this.#arrivals[place] = atUs;
    this.#span = Math.max(this.#span, place + 1);
  }

  /** The report on what came since the last one; undefined when nothing did. */
  take(mediaSsrc: number): Buffer | undefined {
    const base = this.#base;
    const span = this.#span;
    if (base === undefined || span === 0) return undefined;
    const { referenceTime, deltaBytes } = this.#measure();
    const chunkBytes = Math.ceil(span / STATUSES_PER_CHUNK) * 2;
    const body = Math.ceil((8 + chunkBytes + deltaBytes) / 4) * 4;
    const packet = transportCcPacket(this.#ownSsrc, mediaSsrc, body);
    packet.writeUInt16BE(base, 12);
    packet.writeUInt16BE(span, 14);
    packet.writeUIntBE(referenceTime & 0xff_ffff, 16, 3);
    packet[19] = this.#count & 0xff;
    this.#count += 1;
    this.#writeStatuses(packet);
    this.#writeDeltas(packet, CHUNKS_AT + chunkBytes);
    this.#forget((base + span) & 0xffff);
    return packet;
  }

  /** Finds the deltas, and how many bytes they take. */
  #measure(): { referenceTime: number; deltaBytes: number } {
    const firstUs = this.#arrivals.find((atUs) => atUs !== NEVER) ?? 0;
    const referenceTime = Math.floor(firstUs / REFERENCE_UNIT_US);
    let lastUs = referenceTime * REFERENCE_UNIT_US;
    let deltaBytes = 0;
    for (let place = 0; place < this.#span; place += 1) {
      const atUs = this.#arrivals[place] ?? NEVER;
      if (atUs === NEVER) {
        this.#deltas[place] = MISSING;
        continue;
      }
      const units = Math.round((atUs - lastUs) / DELTA_UNIT_US);
      const delta = Math.min(0x7fff, Math.max(-0x8000, units));
      this.#deltas[place] = delta;
      deltaBytes += statusOf(delta);
      // From what was told rather than from what was meant, so that rounding never adds up.
      lastUs += delta * DELTA_UNIT_US;
    }
    return { referenceTime, deltaBytes };
  }

  /** Status vectors of seven symbols of two bits, section 3.1.4. */
  #writeStatuses(packet: Buffer): void {
    for (let first = 0; first < this.#span; first += STATUSES_PER_CHUNK) {
      let chunk = 0xc000;
      const end = Math.min(this.#span, first + STATUSES_PER_CHUNK);
      for (let place = first; place < end; place += 1) {
        chunk |= statusOf(this.#deltas[place] ?? MISSING) << (12 - (place - first) * 2);
      }
      packet.writeUInt16BE(chunk, CHUNKS_AT + (first / STATUSES_PER_CHUNK) * 2);
    }
  }

  /** Section 3.1.5. */
  #writeDeltas(packet: Buffer, start: number): void {
    let at = start;
    for (let place = 0; place < this.#span; place += 1) {
      const delta = this.#deltas[place] ?? MISSING;
      const status = statusOf(delta);
      if (status === SMALL_DELTA) packet[at] = delta;
      else if (status === LARGE_DELTA) packet.writeInt16BE(delta, at);
      at += status;
    }
  }

  /** Begins anew with the packet of this number. */
  #forget(base: number): void {
    this.#arrivals.fill(NEVER, 0, this.#span);
    this.#span = 0;
    this.#base = base;
  }
}

/** The symbol of a delta, which is also how many bytes it takes. */
function statusOf(delta: number): number {
  if (delta === MISSING) return NOT_RECEIVED;
  return delta >= 0 && delta <= 0xff ? SMALL_DELTA : LARGE_DELTA;
}
