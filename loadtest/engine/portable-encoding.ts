import type { Extension } from "./rtp-packet.ts";
import { rtpTemplate } from "./rtp-packet.ts";
import { senderReport } from "./rtcp.ts";
import type { HeaderExtensionIds, SentEncoding, SentStream } from "./media-engine.ts";
import { PacketHistory } from "./packet-history.ts";
import type { MediaFrame, MediaLoop } from "./ivf.ts";

const MAX_PAYLOAD_BYTES = 1_200;
/** RFC 7741 section 4.2: X and S of the first byte, I, and M of a picture id of 15 bits. */
const VP8_DESCRIPTOR_BYTES = 4;
const VP8_EXTENDED = 0x80;
const VP8_START = 0x10;
const VP8_HAS_PICTURE_ID = 0x80;
const VP8_LONG_PICTURE_ID = 0x80;

/** How one kind of packet (media, or retransmission) of an encoding begins. */
interface PacketForm {
  readonly header: Buffer;
  /** Where these extensions stand, if they are sent. */
  readonly transportSequenceAt: number | undefined;
  readonly audioLevelAt: number | undefined;
}

/** One encoding of a sent stream: where it is in its loop, and its RTP state. */
export class PortableEncoding {
  readonly ssrc: number;
  readonly #loop: MediaLoop;
  readonly #clockRate: number;
  readonly #isVideo: boolean;
  readonly #form: PacketForm;
  readonly #rtxForm: PacketForm | undefined;
  readonly #history: PacketHistory;
  active: boolean;
  audioLevelDbov: number;
  /** When its next frame is due, on the engine's own clock. */
  dueUs: number;
  #index: number;
  #number = 0;
  #sequence = Math.floor(Math.random() * 0x1_0000);
  #rtxSequence = Math.floor(Math.random() * 0x1_0000);
  #timestamp = Math.floor(Math.random() * 0x1_0000_0000);
  #timestampAtUs = 0;
  #pictureId = Math.floor(Math.random() * 0x8000);
  #packets = 0;
  #bytes = 0;

  constructor(stream: SentStream, encoding: SentEncoding, loop: MediaLoop, nowUs: number) {
    this.ssrc = encoding.ssrc;
    this.active = encoding.active;
    this.audioLevelDbov = stream.audioLevelDbov;
    this.#loop = loop;
    this.#clockRate = stream.clockRate;
    this.#isVideo = loop.codec === "vp8";
    this.#form = formOf(stream, encoding);
    this.#history = new PacketHistory(this.#form.header.length + MAX_PAYLOAD_BYTES);
    this.#rtxForm = rtxFormOf(stream, encoding);
    this.#index = Math.floor(stream.phase * loop.frames.length) % loop.frames.length;
    this.skipToKeyFrame();
    const [first] = loop.frames;
    this.dueUs = nowUs + stream.phase * (first?.durationUs ?? 0);
  }

  /** The frame that is due, and its number. `next` goes on to the one after it. */
  get frame(): MediaFrame {
    const frame = this.#loop.frames[this.#index];
    if (frame === undefined) throw new RangeError("the loop is shorter than it was");
    return frame;
  }

  get number(): number {
    return this.#number;
  }

  /** Goes on behind the frame that is due. */
  next(): void {
    const { durationUs } = this.frame;
    this.dueUs += durationUs;
    this.#timestamp += (durationUs * this.#clockRate) / 1e6;
    this.#index = (this.#index + 1) % this.#loop.frames.length;
  }

  /** What a key-frame request does to an encoder. */
  skipToKeyFrame(): void {
    while (!this.frame.isKeyFrame) this.#index = (this.#index + 1) % this.#loop.frames.length;
  }

  /**
   * The packets of a frame, `data` being what it is after sealing. `transportSequence` gives each
   * packet of the transport its number.
   */
  packets(data: Buffer, nowUs: number, transportSequence: () => number): Buffer[] {
    const packets: Buffer[] = [];
    const room = MAX_PAYLOAD_BYTES - (this.#isVideo ? VP8_DESCRIPTOR_BYTES : 0);
    const count = Math.max(1, Math.ceil(data.length / room));
    // Of equal size, as libwebrtc makes them.
    const size = Math.ceil(data.length / count);
    for (let part = 0; part < count; part += 1) {
      const payload = count === 1 ? data : data.subarray(part * size, (part + 1) * size);
      const isLast = part === count - 1;
      packets.push(this.#packet(payload, part === 0, isLast, transportSequence()));
    }
    this.#timestampAtUs = nowUs;
    this.#number += 1;
    this.#pictureId = (this.#pictureId + 1) & 0x7fff;
    this.#packets += packets.length;
    this.#bytes += data.length;
    return packets;
  }

  /** A packet once more, RFC 4588 section 4; undefined when it is too old. */
  retransmission(sequence: number, transportSequence: () => number): Buffer | undefined {
    const packet = this.#history.find(sequence);
    if (packet === undefined) return undefined;
    if (this.#rtxForm === undefined) return packet;
    const { header, transportSequenceAt } = this.#rtxForm;
    const original = Buffer.alloc(2);
    original.writeUInt16BE(sequence);
    const again = Buffer.concat([header, original, packet.subarray(this.#form.header.length)]);
    again[1] = (header[1] ?? 0) | ((packet[1] ?? 0) & 0x80);
    again.writeUInt16BE(this.#rtxSequence, 2);
    this.#rtxSequence = (this.#rtxSequence + 1) & 0xffff;
    packet.copy(again, 4, 4, 8);
    if (transportSequenceAt !== undefined) {
      again.writeUInt16BE(transportSequence(), transportSequenceAt);
    }
    return again;
  }

  report(cname: string, wallUs: number, nowUs: number): Buffer | undefined {
    if (this.#packets === 0) return undefined;
    const sinceUs = nowUs - this.#timestampAtUs;
    return senderReport({
      ssrc: this.ssrc,
      cname,
      nowUs: wallUs,
      rtpTimestamp: Math.round(this.#timestamp + (sinceUs * this.#clockRate) / 1e6),
      packets: this.#packets,
      bytes: this.#bytes,
    });
  }

  #packet(payload: Buffer, isFirst: boolean, isLast: boolean, transportSequence: number): Buffer {
    const { header, transportSequenceAt, audioLevelAt } = this.#form;
    const payloadAt = header.length + (this.#isVideo ? VP8_DESCRIPTOR_BYTES : 0);
    const packet = this.#history.place(this.#sequence, payloadAt + payload.length);
    packet.set(header);
    packet.set(payload, payloadAt);
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(Math.round(this.#timestamp) >>> 0, 4);
    if (this.#isVideo) this.#writeDescriptor(packet, isFirst, isLast);
    if (transportSequenceAt !== undefined) {
      packet.writeUInt16BE(transportSequence, transportSequenceAt);
    }
    if (audioLevelAt !== undefined) packet[audioLevelAt] = 0x80 | this.audioLevelDbov;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return packet;
  }

  /** The payload descriptor of VP8, and the marker of the frame's last packet. */
  #writeDescriptor(packet: Buffer, isFirst: boolean, isLast: boolean): void {
    const at = this.#form.header.length;
    if (isLast) packet[1] = (packet[1] ?? 0) | 0x80;
    packet[at] = VP8_EXTENDED | (isFirst ? VP8_START : 0);
    packet[at + 1] = VP8_HAS_PICTURE_ID;
    packet[at + 2] = VP8_LONG_PICTURE_ID | (this.#pictureId >> 8);
    packet[at + 3] = this.#pictureId & 0xff;
  }
}

function formOf(
  { payloadType, headerExtensions, mid }: SentStream,
  encoding: SentEncoding,
): PacketForm {
  const { rid, ssrc } = encoding;
  return packetForm(payloadType, ssrc, headerExtensions, [
    ...extension(headerExtensions.mid, Buffer.from(mid)),
    ...(rid === undefined ? [] : extension(headerExtensions.rid, Buffer.from(rid))),
    ...extension(headerExtensions.transportCc, Buffer.alloc(2)),
    ...extension(headerExtensions.audioLevel, Buffer.alloc(1)),
  ]);
}

function rtxFormOf(stream: SentStream, encoding: SentEncoding): PacketForm | undefined {
  const { rtxPayloadType, headerExtensions, mid } = stream;
  const { rid, rtxSsrc } = encoding;
  if (rtxPayloadType === undefined || rtxSsrc === undefined) return undefined;
  return packetForm(rtxPayloadType, rtxSsrc, headerExtensions, [
    ...extension(headerExtensions.mid, Buffer.from(mid)),
    ...(rid === undefined ? [] : extension(headerExtensions.repairedRid, Buffer.from(rid))),
    ...extension(headerExtensions.transportCc, Buffer.alloc(2)),
  ]);
}

function packetForm(
  payloadType: number,
  ssrc: number,
  { transportCc, audioLevel }: HeaderExtensionIds,
  extensions: readonly Extension[],
): PacketForm {
  const { header, offsets } = rtpTemplate(payloadType, ssrc, extensions);
  return {
    header,
    transportSequenceAt: offsets.get(transportCc ?? 0),
    audioLevelAt: offsets.get(audioLevel ?? 0),
  };
}

function extension(id: number | undefined, value: Buffer): Extension[] {
  return id === undefined ? [] : [{ id, value }];
}
