import { randomBytes } from "node:crypto";

/**
 * Transaction ids of indications: a random beginning and a counter. Nobody answers an indication,
 * so they only have to differ (RFC 8489 section 5).
 */
export class TransactionIds {
  readonly #id = randomBytes(12);
  #count = this.#id.readUInt32BE(8);

  /** The same buffer each time. */
  next(): Buffer {
    this.#count = (this.#count + 1) >>> 0;
    this.#id.writeUInt32BE(this.#count, 8);
    return this.#id;
  }
}
