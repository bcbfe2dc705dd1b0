import { kindOf } from "../../src/e2ee/frame/media-source.ts";
import type { MediaKind } from "../../src/protocol/index.ts";
import { ReplayWindow } from "../../src/e2ee/frame/replay-window.ts";
import type { EngineCounters, FrameCounters } from "./engine-counters.ts";
import type { FramePart } from "./frame-assembly.ts";
import { FrameAssembly, readVp8Descriptor } from "./frame-assembly.ts";
import { FrameGaps } from "./frame-gaps.ts";
import { readStamp } from "./frame-stamp.ts";
import { HeldFrames } from "./held-frames.ts";
import type { HeldFrame } from "./held-frames.ts";
import { LossTracker } from "./loss-tracker.ts";
import type { EngineSettings, ReceivedStream, RefusalCause, StreamChange } from "./media-engine.ts";
import type { ReportBlock } from "./rtcp.ts";
import type { RtpHeader } from "./rtp-packet.ts";
import type { SealingKey } from "./sealed-frame.ts";
import { readSealed } from "./sealed-frame.ts";

/** What a receiver needs of the participant that it belongs to. */
export interface ReceiverPort {
  readonly settings: EngineSettings;
  readonly counters: EngineCounters;
  readonly wallUs: () => number;
  readonly key: (keyId: number) => { readonly key: SealingKey; readonly from: string } | undefined;
  readonly firstFrame: (stream: string, atUs: number) => void;
}

/** Without a frame for so long, a key frame is asked for. */
const KEY_FRAME_PATIENCE_US = 1_000_000;

/** A stream that is received: loss, frames, and what they say once they are open. */
export class PortableReceiver {
  readonly stream: ReceivedStream;
  readonly losses = new LossTracker();
  readonly #port: ReceiverPort;
  readonly #kind: MediaKind;
  readonly #counters: FrameCounters;
  readonly #assembly = new FrameAssembly();
  readonly #gaps: FrameGaps;
  readonly #held = new HeldFrames();
  readonly #windows = new WeakMap<SealingKey, ReplayWindow>();
  #active: boolean;
  #openShare: number;
  /** Adds up to the next frame that is opened. */
  #openDebt = 1;
  #lastNumber = -1;
  #hasFrame = false;
  #lastFrameUs: number;
  #jitter = 0;
  #transit: number | undefined;
  #senderReport: { middleNtp: number; atUs: number } | undefined;

  constructor(stream: ReceivedStream, port: ReceiverPort, nowUs: number) {
    this.stream = stream;
    this.#port = port;
    this.#active = stream.active;
    this.#openShare = stream.openShare;
    this.#kind = kindOf(stream.source);
    this.#counters = port.counters[this.#kind];
    this.#gaps = new FrameGaps(this.#kind, this.#counters.gapUs);
    this.#lastFrameUs = nowUs;
  }

  change({ active, openShare }: StreamChange): void {
    this.#openShare = openShare ?? this.#openShare;
    if (active !== undefined && active !== this.#active) {
      this.#active = active;
      this.#gaps.reset();
    }
  }

  /** A packet of the stream itself. `nowUs` is the engine's own clock. */
  packet(packet: Buffer, header: RtpHeader, nowUs: number): void {
    this.#noteJitter(header.timestamp, nowUs);
    if (!this.losses.received(header.sequence, nowUs, false)) return;
    this.#payload(packet, header.payloadOffset, header, nowUs);
  }

  /** A packet of its retransmission stream, RFC 4588 section 4. */
  repair(packet: Buffer, header: RtpHeader, nowUs: number): void {
    // Without a payload it only probes the bandwidth.
    if (header.payloadEnd - header.payloadOffset <= 2) return;
    const sequence = packet.readUInt16BE(header.payloadOffset);
    if (!this.losses.received(sequence, nowUs, true)) return;
    this.#payload(packet, header.payloadOffset + 2, { ...header, sequence }, nowUs);
  }

  senderReport(middleNtp: number, nowUs: number): void {
    this.#senderReport = { middleNtp, atUs: nowUs };
  }

  report(nowUs: number): ReportBlock {
    const { middleNtp = 0, atUs = nowUs } = this.#senderReport ?? {};
    return {
      ssrc: this.stream.ssrc,
      ...this.losses.report(),
      jitter: Math.round(this.#jitter),
      lastSenderReport: middleNtp,
      sinceSenderReport: middleNtp === 0 ? 0 : Math.round(((nowUs - atUs) / 1e6) * 65_536),
    };
  }

  /** Whether the picture stands and only a key frame can help; true once in a while. */
  wantsKeyFrame(nowUs: number): boolean {
    if (this.#kind === "audio" || !this.#active) return false;
    if (nowUs - this.#lastFrameUs < KEY_FRAME_PATIENCE_US) return false;
    this.#lastFrameUs = nowUs;
    return true;
  }

  #payload(packet: Buffer, payloadAt: number, header: RtpHeader, nowUs: number): void {
    const { sequence, timestamp, marker, payloadEnd } = header;
    if (this.#kind === "audio") {
      const bytes = packet.subarray(payloadAt, payloadEnd);
      this.#frame([{ sequence, timestamp, isFirst: true, isLast: true, bytes }], nowUs);
      return;
    }
    const descriptor = readVp8Descriptor(packet, payloadAt, payloadEnd);
    if (descriptor === undefined) return;
    const parts = this.#assembly.add({
      sequence,
      timestamp,
      isFirst: descriptor.isFirst,
      isLast: marker,
      bytes: packet.subarray(descriptor.end, payloadEnd),
    });
    if (parts !== undefined) this.#frame(parts, nowUs);
  }

  /** Opens what came before its keys, if they are there now. */
  keysCame(): void {
    for (const frame of this.#held.take()) this.#take(frame);
  }

  /** Gives up what has waited for its keys for too long. */
  expire(nowUs: number): void {
    this.#counters.refused["no-key"] += this.#held.expire(nowUs);
  }

  #frame(parts: readonly FramePart[], atUs: number): void {
    if (!this.#active) return;
    this.#counters.received += 1;
    this.#gaps.frame(atUs);
    if (!this.#isToOpen()) {
      this.#counters.skipped += 1;
      this.#lastFrameUs = atUs;
      return;
    }
    this.#take({ bytes: joined(parts), atUs, wallUs: this.#port.wallUs() });
  }

  #take(frame: HeldFrame): void {
    const { atUs, wallUs } = frame;
    const opened = this.#port.settings.seal ? this.#open(frame.bytes) : frame.bytes;
    if (opened === "no-key") {
      this.#counters.refused["no-key"] += this.#held.hold(frame);
      return;
    }
    if (typeof opened === "string") {
      this.#counters.refused[opened] += 1;
      return;
    }
    this.#lastFrameUs = atUs;
    this.#counters.opened += 1;
    if (!this.#hasFrame) this.#port.firstFrame(this.stream.stream, wallUs);
    this.#hasFrame = true;
    const stamp = readStamp(opened);
    if (stamp === undefined) return;
    this.#counters.latencyUs.record(wallUs - stamp.sentAtUs);
    // A layer has numbers of its own, and begins with a key frame.
    const isNewLayer = this.#isKeyFrame(opened);
    if (stamp.number <= this.#lastNumber && !isNewLayer) this.#counters.disordered += 1;
    this.#lastNumber = stamp.number;
  }

  #isKeyFrame(frame: Uint8Array): boolean {
    return this.#kind === "video" && ((frame[0] ?? 0) & 1) === 0;
  }

  #isToOpen(): boolean {
    this.#openDebt += this.#openShare;
    if (this.#openDebt < 1) return false;
    this.#openDebt -= Math.floor(this.#openDebt);
    return true;
  }

  #open(frame: Buffer): Uint8Array | RefusalCause {
    const { source, from } = this.stream;
    const sealed = readSealed(frame, this.#kind);
    if (sealed === undefined) return "malformed";
    const known = this.#port.key(sealed.keyId);
    if (known === undefined) return "no-key";
    if (known.from !== from) return "wrong-sender";
    if (known.key.source !== source) return "wrong-stream";
    const window = this.#windowOf(known.key);
    if (!window.isFresh(sealed.counter)) return "replayed";
    const opened = known.key.open(sealed);
    if (opened === undefined) return "tampered";
    window.accept(sealed.counter);
    return opened;
  }

  #windowOf(key: SealingKey): ReplayWindow {
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    const window = new ReplayWindow();
    this.#windows.set(key, window);
    return window;
  }

  /** RFC 3550 section 6.4.1 and appendix A.8, in units of the stream's clock. */
  #noteJitter(timestamp: number, nowUs: number): void {
    const transit = (nowUs / 1e6) * this.stream.clockRate - timestamp;
    const before = this.#transit;
    this.#transit = transit;
    if (before === undefined) return;
    const difference = Math.abs(transit - before);
    // A new layer, or the circle's end, says nothing.
    if (difference < this.stream.clockRate) this.#jitter += (difference - this.#jitter) / 16;
  }
}

function joined(parts: readonly FramePart[]): Buffer {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first.bytes;
  return Buffer.concat(parts.map(({ bytes }) => bytes));
}
