import { z } from "zod";

/**
 * Binary data of at most `maxBytes`. Socket.IO delivers an `ArrayBuffer` in a browser and a
 * `Buffer` in Node; both come out as `Uint8Array`.
 */
export function bytes(maxBytes: number) {
  return z.preprocess(
    (value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value),
    z.custom<Uint8Array>(
      (value) =>
        value instanceof Uint8Array && value.byteLength > 0 && value.byteLength <= maxBytes,
      `expected 1 to ${maxBytes} bytes`,
    ),
  );
}
