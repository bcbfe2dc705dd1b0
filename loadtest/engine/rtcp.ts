/** Packet types and formats of RFC 3550 section 12.1, RFC 4585 section 6 and RFC 5104 section 4. */
const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;
const NACK = 1;
const TRANSPORT_CC = 15;
const PLI = 1;
const FIR = 4;
/** Seconds from 1900, where NTP begins, to 1970. */
const NTP_OFFSET_S = 2_208_988_800;
const CNAME = 1;
const MAX_REPORT_BLOCKS = 31;

/** What an engine must react to. */
export type RtcpItem =
  | { readonly type: "nack"; readonly ssrc: number; readonly sequences: readonly number[] }
  | { readonly type: "key-frame-request"; readonly ssrc: number }
  | { readonly type: "sender-report"; readonly ssrc: number; readonly middleNtp: number };

export interface ReportBlock {
  readonly ssrc: number;
  /** 0 to 255, of the packets since the last report. */
  readonly fractionLost: number;
  readonly totalLost: number;
  readonly highestSequence: number;
  readonly jitter: number;
  readonly lastSenderReport: number;
  /** In 1/65536 seconds. */
  readonly sinceSenderReport: number;
}

/** A compound packet, RFC 3550 section 6.1; what is not understood is passed over. */
export function* parseRtcp(compound: Buffer): Generator<RtcpItem, void> {
  let at = 0;
  while (at + 8 <= compound.length) {
    const byteLength = (compound.readUInt16BE(at + 2) + 1) * 4;
    const packet = compound.subarray(at, at + byteLength);
    if (packet.length < byteLength) return;
    yield* parseOne(packet);
    at += byteLength;
  }
}

function* parseOne(packet: Buffer): Generator<RtcpItem, void> {
  const format = (packet[0] ?? 0) & 0x1f;
  const type = packet[1] ?? 0;
  if (type === SENDER_REPORT && packet.length >= 28) {
    yield {
      type: "sender-report",
      ssrc: packet.readUInt32BE(4),
      middleNtp: packet.readUInt32BE(10),
    };
  } else if (type === TRANSPORT_FEEDBACK && format === NACK) {
    yield { type: "nack", ssrc: packet.readUInt32BE(8), sequences: nackedSequences(packet) };
  } else if (type === PAYLOAD_FEEDBACK && format === PLI && packet.length >= 12) {
    yield { type: "key-frame-request", ssrc: packet.readUInt32BE(8) };
  } else if (type === PAYLOAD_FEEDBACK && format === FIR) {
    for (let at = 12; at + 8 <= packet.length; at += 8) {
      yield { type: "key-frame-request", ssrc: packet.readUInt32BE(at) };
    }
  }
}

/** RFC 4585 section 6.2.1: a number, and 16 bits for those that follow it. */
function nackedSequences(packet: Buffer): number[] {
  const sequences: number[] = [];
  for (let at = 12; at + 4 <= packet.length; at += 4) {
    const first = packet.readUInt16BE(at);
    const mask = packet.readUInt16BE(at + 2);
    sequences.push(first);
    for (let bit = 0; bit < 16; bit += 1) {
      if ((mask & (1 << bit)) !== 0) sequences.push((first + bit + 1) & 0xffff);
    }
  }
  return sequences;
}

/** SR and SDES of one source, RFC 3550 sections 6.4.1 and 6.5. */
export function senderReport(report: {
  readonly ssrc: number;
  readonly cname: string;
  readonly nowUs: number;
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly bytes: number;
}): Buffer {
  const name = Buffer.from(report.cname);
  // At least one zero ends the chunk, and it ends at a multiple of four.
  const chunkBytes = Math.ceil((4 + 2 + name.length + 1) / 4) * 4;
  const packet = Buffer.alloc(28 + 4 + chunkBytes);
  writeHeader(packet, 0, 0, SENDER_REPORT, 28);
  packet.writeUInt32BE(report.ssrc, 4);
  packet.writeUInt32BE((Math.floor(report.nowUs / 1e6) + NTP_OFFSET_S) >>> 0, 8);
  packet.writeUInt32BE(Math.floor(((report.nowUs % 1e6) / 1e6) * 2 ** 32) >>> 0, 12);
  packet.writeUInt32BE(report.rtpTimestamp >>> 0, 16);
  packet.writeUInt32BE(report.packets >>> 0, 20);
  packet.writeUInt32BE(report.bytes >>> 0, 24);
  writeHeader(packet, 28, 1, SOURCE_DESCRIPTION, 4 + chunkBytes);
  packet.writeUInt32BE(report.ssrc, 32);
  packet[36] = CNAME;
  packet[37] = name.length;
  name.copy(packet, 38);
  return packet;
}

/** RFC 3550 section 6.4.2. More blocks than one packet can have are left out. */
export function receiverReport(ownSsrc: number, blocks: readonly ReportBlock[]): Buffer {
  const told = blocks.slice(0, MAX_REPORT_BLOCKS);
  const packet = Buffer.alloc(8 + told.length * 24);
  writeHeader(packet, 0, told.length, RECEIVER_REPORT, packet.length);
  packet.writeUInt32BE(ownSsrc, 4);
  for (const [index, block] of told.entries()) {
    const at = 8 + index * 24;
    packet.writeUInt32BE(block.ssrc, at);
    packet[at + 4] = block.fractionLost;
    packet.writeIntBE(Math.min(0x7f_ffff, block.totalLost), at + 5, 3);
    packet.writeUInt32BE(block.highestSequence >>> 0, at + 8);
    packet.writeUInt32BE(block.jitter >>> 0, at + 12);
    packet.writeUInt32BE(block.lastSenderReport >>> 0, at + 16);
    packet.writeUInt32BE(block.sinceSenderReport >>> 0, at + 20);
  }
  return packet;
}

/** Generic NACK. `sequences` in rising order. */
export function nack(ownSsrc: number, ssrc: number, sequences: readonly number[]): Buffer {
  const pairs: { first: number; mask: number }[] = [];
  for (const sequence of sequences) {
    const last = pairs.at(-1);
    const distance = last === undefined ? 0 : (sequence - last.first) & 0xffff;
    if (last !== undefined && distance >= 1 && distance <= 16) last.mask |= 1 << (distance - 1);
    else pairs.push({ first: sequence, mask: 0 });
  }
  const packet = feedback(NACK, TRANSPORT_FEEDBACK, ownSsrc, ssrc, pairs.length * 4);
  for (const [index, { first, mask }] of pairs.entries()) {
    packet.writeUInt16BE(first, 12 + index * 4);
    packet.writeUInt16BE(mask, 14 + index * 4);
  }
  return packet;
}

export function pictureLossIndication(ownSsrc: number, ssrc: number): Buffer {
  return feedback(PLI, PAYLOAD_FEEDBACK, ownSsrc, ssrc, 0);
}

/** An envelope for transport-wide feedback; `bodyBytes` is a multiple of four. */
export function transportCcPacket(ownSsrc: number, ssrc: number, bodyBytes: number): Buffer {
  return feedback(TRANSPORT_CC, TRANSPORT_FEEDBACK, ownSsrc, ssrc, bodyBytes);
}

function feedback(
  format: number,
  type: number,
  ownSsrc: number,
  ssrc: number,
  bodyBytes: number,
): Buffer {
  const packet = Buffer.alloc(12 + bodyBytes);
  writeHeader(packet, 0, format, type, packet.length);
  packet.writeUInt32BE(ownSsrc, 4);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

function writeHeader(
  packet: Buffer,
  at: number,
  countOrFormat: number,
  type: number,
  byteLength: number,
): void {
  packet[at] = 0x80 | countOrFormat;
  packet[at + 1] = type;
  packet.writeUInt16BE(byteLength / 4 - 1, at + 2);
}
