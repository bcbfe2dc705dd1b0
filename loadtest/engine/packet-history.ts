/** Packets that can be sent again: a second of the highest layer. */
const PACKETS = 256;

/**
 * The last packets of one stream, in memory that is taken once: what lives for seconds and is then
 * garbage is what a collector of garbage has most work with.
 */
export class PacketHistory {
  readonly #slotBytes: number;
  readonly #memory: Buffer;
  readonly #lengths = new Uint32Array(PACKETS);
  readonly #sequences = new Int32Array(PACKETS).fill(-1);

  constructor(maxPacketBytes: number) {
    this.#slotBytes = maxPacketBytes;
    this.#memory = Buffer.allocUnsafeSlow(PACKETS * maxPacketBytes);
  }

  /** Where the packet of this number is to be written, instead of one that is too old by now. */
  place(sequence: number, byteLength: number): Buffer {
    const slot = sequence % PACKETS;
    this.#sequences[slot] = sequence;
    this.#lengths[slot] = byteLength;
    return this.#view(slot, byteLength);
  }

  /** Undefined when it is too old. Holds until as many packets more were placed. */
  find(sequence: number): Buffer | undefined {
    const slot = sequence % PACKETS;
    if (this.#sequences[slot] !== sequence) return undefined;
    return this.#view(slot, this.#lengths[slot] ?? 0);
  }

  #view(slot: number, byteLength: number): Buffer {
    const start = slot * this.#slotBytes;
    return this.#memory.subarray(start, start + byteLength);
  }
}
