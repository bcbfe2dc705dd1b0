import { kindOf } from "../../src/e2ee/frame/media-source.ts";
import type { MediaKind } from "../../src/protocol/index.ts";
import type { EngineCounters, FrameCounters } from "./engine-counters.ts";
import { writeStamp } from "./frame-stamp.ts";
import type { MediaLoop } from "./ivf.ts";
import type { EngineSettings, SentStream, StreamChange } from "./media-engine.ts";
import { PortableEncoding } from "./portable-encoding.ts";
import type { SealingKey } from "./sealed-frame.ts";

/** What a sender needs of the participant that it belongs to. */
export interface SenderPort {
  readonly settings: EngineSettings;
  readonly counters: EngineCounters;
  /** Microseconds since 1970 by the reference clock. */
  readonly wallUs: () => number;
  /** The key to seal with, and a counter that was never given out for it before. */
  readonly sealing: () => { readonly key: SealingKey; readonly counter: number } | undefined;
  readonly nextTransportSequence: () => number;
  /** False while the transport isn't connected. */
  readonly send: (packet: Buffer) => boolean;
  readonly isOpen: () => boolean;
}

/** A stream that is sent: a loop for each of its encodings. */
export class PortableSender {
  readonly stream: SentStream;
  readonly #port: SenderPort;
  readonly #encodings: readonly PortableEncoding[];
  readonly #kind: MediaKind;
  readonly #counters: FrameCounters;
  #active: boolean;
  #previous: Buffer | undefined;
  #dueUs: number;

  constructor(stream: SentStream, loops: readonly MediaLoop[], port: SenderPort, nowUs: number) {
    this.stream = stream;
    this.#port = port;
    this.#active = stream.active;
    this.#kind = kindOf(stream.source);
    this.#counters = port.counters[this.#kind];
    this.#encodings = stream.encodings.map((encoding, index) => {
      const loop = loops[index];
      if (loop === undefined) throw new RangeError("an encoding has no media");
      return new PortableEncoding(stream, encoding, loop, nowUs);
    });
    this.#dueUs = nowUs;
  }

  /** When its next frame is due. */
  get dueUs(): number {
    return this.#dueUs;
  }

  change({ active, audioLevelDbov, encodings }: StreamChange): void {
    if (active === true && !this.#active) this.#startAnew();
    if (active !== undefined) this.#active = active;
    for (const [index, encoding] of this.#encodings.entries()) {
      encoding.audioLevelDbov = audioLevelDbov ?? encoding.audioLevelDbov;
      encoding.active = encodings?.[index] ?? encoding.active;
    }
  }

  /** Sends every frame that is due at `nowUs`. */
  tick(nowUs: number): void {
    if (nowUs < this.#dueUs) return;
    this.#dueUs = Infinity;
    for (const encoding of this.#encodings) {
      while (encoding.dueUs <= nowUs) {
        if (this.#active && encoding.active && this.#port.isOpen()) this.#send(encoding, nowUs);
        encoding.next();
      }
      this.#dueUs = Math.min(this.#dueUs, encoding.dueUs);
    }
  }

  /** True when the request was for one of its encodings. */
  keyFrameRequested(ssrc: number): boolean {
    const encoding = this.#encodings.find((candidate) => candidate.ssrc === ssrc);
    encoding?.skipToKeyFrame();
    return encoding !== undefined;
  }

  /** Sends again what was missed; true when the stream is one of its own. */
  nacked(ssrc: number, sequences: readonly number[]): boolean {
    const encoding = this.#encodings.find((candidate) => candidate.ssrc === ssrc);
    if (encoding === undefined) return false;
    for (const sequence of sequences) {
      const packet = encoding.retransmission(sequence, this.#port.nextTransportSequence);
      if (packet !== undefined && this.#transmit(packet)) {
        this.#port.counters.packetsRetransmitted += 1;
      }
    }
    return true;
  }

  report(nowUs: number): void {
    for (const encoding of this.#encodings) {
      const report = encoding.report(this.stream.cname, this.#port.wallUs(), nowUs);
      if (report !== undefined) this.#transmit(report);
    }
  }

  #send(encoding: PortableEncoding, nowUs: number): void {
    const data = this.#sealed(encoding);
    if (data === undefined) return;
    this.#port.counters.sendDelayUs.record(nowUs - encoding.dueUs);
    const packets = encoding.packets(data, nowUs, this.#port.nextTransportSequence);
    for (const packet of packets) this.#transmit(packet);
    this.#counters.sent += 1;
  }

  #sealed(encoding: PortableEncoding): Buffer | undefined {
    const { settings } = this.#port;
    const frame = settings.stamp ? this.#stamped(encoding) : encoding.frame.bytes;
    if (!settings.seal) return frame;
    const sealing = this.#port.sealing();
    if (sealing === undefined) return undefined;
    const sealed = sealing.key.seal(frame, sealing.counter, this.#previous);
    if (this.#kind === "audio") this.#keepPrevious(frame);
    return sealed;
  }

  #stamped({ frame, number }: PortableEncoding): Buffer {
    writeStamp(frame.stampable, { sentAtUs: this.#port.wallUs(), number });
    return frame.stampable;
  }

  /** In a place of its own, since others write their stamp into the same frame. */
  #keepPrevious(frame: Buffer): void {
    if (this.#previous?.length === frame.length) this.#previous.set(frame);
    else this.#previous = Buffer.from(frame);
  }

  #transmit(packet: Buffer): boolean {
    if (!this.#port.send(packet)) return false;
    this.#port.counters.packetsSent += 1;
    this.#port.counters.bytesSent += packet.length;
    return true;
  }

  #startAnew(): void {
    this.#previous = undefined;
    for (const encoding of this.#encodings) encoding.skipToKeyFrame();
  }
}
