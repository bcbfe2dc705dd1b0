/** RFC 3550 section 5.1. */
const FIXED_HEADER_BYTES = 12;
/** RFC 8285 section 4.2: the one-byte form of header extensions. */
const ONE_BYTE_PROFILE = 0xbede;

export interface RtpHeader {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payloadOffset: number;
  /** Where the payload ends, without padding. */
  readonly payloadEnd: number;
  /** Where the extensions begin, and how long they are; 0 when there are none. */
  readonly extensionsOffset: number;
  readonly extensionsBytes: number;
}

/** RFC 5761 section 4: what shares the port with RTP. */
export function isRtcp(packet: Buffer): boolean {
  const type = packet[1] ?? 0;
  return type >= 192 && type <= 223;
}

/** Undefined for anything that is no RTP packet. */
export function parseRtp(packet: Buffer): RtpHeader | undefined {
  const first = packet[0] ?? 0;
  const second = packet[1] ?? 0;
  if (packet.length < FIXED_HEADER_BYTES || first >> 6 !== 2) return undefined;
  let offset = FIXED_HEADER_BYTES + (first & 0x0f) * 4;
  let extensionsOffset = 0;
  let extensionsBytes = 0;
  if ((first & 0x10) !== 0) {
    if (offset + 4 > packet.length) return undefined;
    const isOneByte = packet.readUInt16BE(offset) === ONE_BYTE_PROFILE;
    const byteLength = packet.readUInt16BE(offset + 2) * 4;
    if (isOneByte) [extensionsOffset, extensionsBytes] = [offset + 4, byteLength];
    offset += 4 + byteLength;
  }
  const padding = (first & 0x20) === 0 ? 0 : (packet[packet.length - 1] ?? 0);
  if (offset + padding > packet.length) return undefined;
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payloadOffset: offset,
    payloadEnd: packet.length - padding,
    extensionsOffset,
    extensionsBytes,
  };
}

/** The value of a 16-bit extension, such as a transport-wide sequence number. */
export function extension16(packet: Buffer, header: RtpHeader, id: number): number | undefined {
  let at = header.extensionsOffset;
  const end = at + header.extensionsBytes;
  while (at < end) {
    const byte = packet[at] ?? 0;
    if (byte === 0) {
      at += 1;
      continue;
    }
    const byteLength = (byte & 0x0f) + 1;
    if (byte >> 4 === id && byteLength === 2 && at + 2 < end) return packet.readUInt16BE(at + 1);
    at += 1 + byteLength;
  }
  return undefined;
}

export interface Extension {
  readonly id: number;
  readonly value: Buffer;
}

/**
 * Header and extensions of a packet, and room for `payloadBytes`. `offsets` tells where the value
 * of each extension stands, so that it can be written anew for each packet.
 */
export function rtpTemplate(
  payloadType: number,
  ssrc: number,
  extensions: readonly Extension[],
): { readonly header: Buffer; readonly offsets: ReadonlyMap<number, number> } {
  const byteLength = extensions.reduce((sum, { value }) => sum + 1 + value.length, 0);
  const padded = Math.ceil(byteLength / 4) * 4;
  const header = Buffer.alloc(FIXED_HEADER_BYTES + (padded === 0 ? 0 : 4 + padded));
  header[0] = 0x80 | (padded === 0 ? 0 : 0x10);
  header[1] = payloadType;
  header.writeUInt32BE(ssrc, 8);
  const offsets = new Map<number, number>();
  if (padded > 0) {
    header.writeUInt16BE(ONE_BYTE_PROFILE, FIXED_HEADER_BYTES);
    header.writeUInt16BE(padded / 4, FIXED_HEADER_BYTES + 2);
    let at = FIXED_HEADER_BYTES + 4;
    for (const { id, value } of extensions) {
      header[at] = (id << 4) | (value.length - 1);
      value.copy(header, at + 1);
      offsets.set(id, at + 1);
      at += 1 + value.length;
    }
  }
  return { header, offsets };
}

/** How far `to` lies after `from` on the circle of 16-bit numbers: -32768 to 32767. */
export function sequenceDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}
