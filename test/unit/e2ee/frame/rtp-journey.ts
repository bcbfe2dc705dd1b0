/**
 * What RTP packetizers and depacketizers make of frames, written for tests from the payload
 * formats alone (RFC 6184; AV1's RTP payload specification), so that it shares nothing with what
 * it tests.
 */

/** The NAL units between start codes, without the zeros that stand before a start code. */
export function h264UnitsOf(frame: Uint8Array): number[][] {
  const text = [...frame].map((byte) => String.fromCharCode(byte)).join("");
  return text
    .split("\0\0\u0001")
    .slice(1)
    .map((unit, index, all) => (index === all.length - 1 ? unit : unit.replace(/\0+$/, "")))
    .map((unit) => Array.from({ length: unit.length }, (_, at) => unit.charCodeAt(at)));
}

/** Units are sent without start codes; the other side writes four bytes before each. */
export function h264OverRtp(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(h264UnitsOf(frame).flatMap((unit) => [0, 0, 0, 1, ...unit]));
}

/** OBUs are sent without sizes and without temporal delimiters; the other side writes sizes. */
export function av1OverRtp(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const received: number[] = [];
  let rest = [...frame];
  while (rest.length > 0) {
    const [header = 0, ...after] = rest;
    const hasSize = (header & 2) !== 0;
    // Test frames' own sizes are below 128.
    const size = hasSize ? (after[0] ?? 0) : after.length;
    const start = hasSize ? 1 : 0;
    const payload = after.slice(start, start + size);
    rest = after.slice(start + size);
    if (((header >> 3) & 0xf) !== 2)
      received.push(header | 2, ...leb128(payload.length), ...payload);
  }
  return Uint8Array.from(received);
}

function leb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb128(value >> 7)];
}
