/** RTP and RTCP as far as the SFU's tests read and write them (RFC 3550, RFC 7741). */

const HEADER_BYTES = 12;

export interface RtpPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  /** Without header extensions and padding. */
  readonly payload: Buffer;
  /** The whole packet, as it came. */
  readonly bytes: Buffer;
}

export function parseRtp(bytes: Buffer): RtpPacket {
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  let start = HEADER_BYTES + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) start += 4 + bytes.readUInt16BE(start + 2) * 4;
  const end =
    (first & 0x20) === 0 ? bytes.length : bytes.length - bytes.readUInt8(bytes.length - 1);
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequenceNumber: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(start, end),
    bytes,
  };
}

export function buildRtp(packet: Omit<RtpPacket, "bytes">): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(0x80, 0);
  header.writeUInt8((packet.marker ? 0x80 : 0) | packet.payloadType, 1);
  header.writeUInt16BE(packet.sequenceNumber & 0xffff, 2);
  header.writeUInt32BE(packet.timestamp >>> 0, 4);
  header.writeUInt32BE(packet.ssrc, 8);
  return Buffer.concat([header, packet.payload]);
}

export interface Vp8Frame {
  readonly isKey: boolean;
  readonly pictureId: number;
  readonly tl0PicIdx: number;
  readonly temporalLayer: number;
  readonly body: Buffer;
}

/** A VP8 frame in one packet: payload descriptor (RFC 7741 section 4.2), frame header, body. */
export function vp8Payload(frame: Vp8Frame): Buffer {
  const descriptor = Buffer.from([
    0x90, // X: extended; S: a partition starts here
    0xe0, // I, L and T are present
    0x80 | ((frame.pictureId >> 8) & 0x7f),
    frame.pictureId & 0xff,
    frame.tl0PicIdx & 0xff,
    frame.temporalLayer << 6,
  ]);
  // Frame tag: bit 0 is clear in a key frame, which goes on with a start code and its size.
  const header = frame.isKey
    ? Buffer.from([0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01])
    : Buffer.from([0x11, 0x02, 0x00]);
  return Buffer.concat([descriptor, header, frame.body]);
}

/** RFC 3550 section 6.4.1, without report blocks. */
export function senderReport(
  ssrc: number,
  nowMs: number,
  timestamp: number,
  packets: number,
): Buffer {
  const report = Buffer.alloc(28);
  report.writeUInt8(0x80, 0);
  report.writeUInt8(200, 1);
  report.writeUInt16BE(6, 2);
  report.writeUInt32BE(ssrc, 4);
  report.writeUInt32BE(Math.floor(nowMs / 1000) + 2_208_988_800, 8);
  report.writeUInt32BE(Math.floor(((nowMs % 1000) / 1000) * 0x1_0000_0000), 12);
  report.writeUInt32BE(timestamp >>> 0, 16);
  report.writeUInt32BE(packets, 20);
  report.writeUInt32BE(packets * 100, 24);
  return report;
}

/** The streams of which a compound RTCP packet asks for a key frame by PLI (RFC 4585 section 6.3.1). */
export function keyFrameRequests(rtcp: Buffer): number[] {
  const ssrcs: number[] = [];
  for (let offset = 0; offset + 12 <= rtcp.length;) {
    const isPli = rtcp.readUInt8(offset + 1) === 206 && (rtcp.readUInt8(offset) & 0x1f) === 1;
    if (isPli) ssrcs.push(rtcp.readUInt32BE(offset + 8));
    offset += (rtcp.readUInt16BE(offset + 2) + 1) * 4;
  }
  return ssrcs;
}

/** One encoded frame, as its encoder and the transform behind that made it. */
export interface EncodedFrame {
  readonly timestamp: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/**
 * The whole VP8 frames among the packets of one stream, in order (RFC 7741 section 4). Those of
 * which a packet is missing are left out, as are packets that carry padding only.
 */
export function depacketizeVp8(packets: readonly RtpPacket[]): EncodedFrame[] {
  const frames: EncodedFrame[] = [];
  let parts: Buffer[] = [];
  let next: number | undefined;
  for (const { payload, sequenceNumber, timestamp, marker } of packets) {
    if (payload.length === 0) continue;
    const { isStart, descriptorBytes } = vp8Descriptor(payload);
    if (isStart) parts = [];
    else if (parts.length === 0 || sequenceNumber !== next) continue;
    parts.push(payload.subarray(descriptorBytes));
    next = (sequenceNumber + 1) & 0xffff;
    if (!marker) continue;
    frames.push({ timestamp, data: new Uint8Array(Buffer.concat(parts)) });
    parts = [];
  }
  return frames;
}

/** RFC 7741 section 4.2. */
export function vp8Descriptor(payload: Buffer): { isStart: boolean; descriptorBytes: number } {
  const first = payload.readUInt8(0);
  const isStart = (first & 0x10) !== 0 && (first & 0x0f) === 0;
  if ((first & 0x80) === 0) return { isStart, descriptorBytes: 1 };
  const extension = payload.readUInt8(1);
  let descriptorBytes = 2;
  if ((extension & 0x80) !== 0) descriptorBytes += (payload.readUInt8(2) & 0x80) === 0 ? 1 : 2;
  if ((extension & 0x40) !== 0) descriptorBytes += 1;
  if ((extension & 0x30) !== 0) descriptorBytes += 1;
  return { isStart, descriptorBytes };
}
