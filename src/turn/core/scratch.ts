/** Room for the largest UDP payload with the headers that TURN puts before it. */
const scratchBytes = 65_535 + 128;

/**
 * The buffer in which outgoing messages are built, used again for each one. A sender that had to
 * keep the bytes for later says `renew()`, and the next message is built elsewhere.
 */
export class Scratch {
  #buffer = Buffer.allocUnsafeSlow(scratchBytes);

  get buffer(): Buffer {
    return this.#buffer;
  }

  renew(): void {
    this.#buffer = Buffer.allocUnsafeSlow(scratchBytes);
  }
}
