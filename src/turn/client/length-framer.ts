const lengthBytes = 2;

/** Cuts a stream into messages with two bytes of length before each: ICE over TCP (RFC 4571 section 2). */
export class LengthFramer {
  readonly #onMessage: (bytes: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(onMessage: (bytes: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  /** Any bytes are a stream of this kind: it never returns false. */
  push(chunk: Buffer): boolean {
    let bytes = Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= lengthBytes) {
      const end = lengthBytes + bytes.readUInt16BE(0);
      if (bytes.length < end) break;
      this.#onMessage(bytes.subarray(lengthBytes, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    return true;
  }
}

export function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
