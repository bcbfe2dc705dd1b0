import type { TransportDirection } from "../../src/protocol/index.ts";
import { EngineError } from "./engine-error.ts";
import type { EngineCounters } from "./engine-counters.ts";
import type { MediaLoop } from "./ivf.ts";
import type {
  EngineSettings,
  KeysSet,
  ReceivedStream,
  SentStream,
  StreamChange,
  TransportCreate,
  TransportStart,
  TransportState,
} from "./media-engine.ts";
import { PortableReceiver } from "./portable-receiver.ts";
import { PortableSender } from "./portable-sender.ts";
import { PortableTransport } from "./portable-transport.ts";
import { nack, parseRtcp, pictureLossIndication, receiverReport } from "./rtcp.ts";
import { extension16, isRtcp, parseRtp } from "./rtp-packet.ts";
import { SealingKey } from "./sealed-frame.ts";
import { TransportFeedback } from "./transport-feedback.ts";

/** What a participant needs of its engine. */
export interface ParticipantPort {
  readonly settings: EngineSettings;
  readonly counters: EngineCounters;
  readonly nowUs: () => number;
  readonly wallUs: () => number;
  readonly transportState: (state: TransportState) => void;
  readonly firstFrame: (stream: string, atUs: number) => void;
}

interface SendingState {
  readonly key: SealingKey;
  counter: number;
}

const FEEDBACK_PERIOD_US = 100_000;
const REPORT_PERIOD_US = 1_000_000;
/** Who reports on what it receives, in packets that have no stream of their own. */
const REPORTER_SSRC = 1;

/** One participant's transports, streams and keys. */
export class PortableParticipant {
  readonly #port: ParticipantPort;
  readonly #transports = new Map<TransportDirection, PortableTransport>();
  readonly #senders = new Map<string, PortableSender>();
  readonly #receivers = new Map<string, PortableReceiver>();
  readonly #bySsrc = new Map<number, { receiver: PortableReceiver; isRepair: boolean }>();
  readonly #sendingKeys = new Map<string, SendingState>();
  readonly #receivingKeys = new Map<number, { key: SealingKey; from: string }>();
  #feedback = new TransportFeedback(REPORTER_SSRC);
  #transportCcId: number | undefined;
  #transportSequence = 0;
  #feedbackDueUs: number;
  #reportsDueUs: number;
  #dueUs = 0;

  constructor(port: ParticipantPort) {
    this.#port = port;
    // At times of their own, or all participants of a call would delay what is sent in one moment.
    const phase = Math.random();
    this.#feedbackDueUs = port.nowUs() + phase * FEEDBACK_PERIOD_US;
    this.#reportsDueUs = port.nowUs() + phase * REPORT_PERIOD_US;
  }

  get openTransports(): number {
    return [...this.#transports.values()].filter(({ isOpen }) => isOpen).length;
  }

  /** When `tick` has something to do: the next frame of any stream, or a report. */
  get dueUs(): number {
    return this.#dueUs;
  }

  createTransport(options: TransportCreate): PortableTransport {
    this.closeTransport(options.direction);
    const isSending = options.direction === "send";
    const transport = new PortableTransport(options, {
      state: this.#port.transportState,
      packet: (packet) => {
        if (isSending) this.#onFeedback(packet);
        else this.#onPacket(packet);
      },
    });
    this.#transports.set(options.direction, transport);
    if (!isSending) this.#feedback = new TransportFeedback(REPORTER_SSRC);
    return transport;
  }

  startTransport(options: TransportStart): void {
    const transport = this.#transports.get(options.direction);
    if (transport === undefined) throw new EngineError("unknown", "there is no such transport");
    transport.start(options);
  }

  closeTransport(direction: TransportDirection): void {
    this.#transports.get(direction)?.close();
    this.#transports.delete(direction);
  }

  send(stream: SentStream, loops: readonly MediaLoop[]): void {
    const sender = new PortableSender(
      stream,
      loops,
      {
        ...this.#port,
        sealing: () => this.#takeCounter(stream.source),
        nextTransportSequence: () => this.#nextTransportSequence(),
        send: (packet) => this.#transports.get("send")?.send(packet) === true,
        isOpen: () => this.#transports.get("send")?.isOpen === true,
      },
      this.#port.nowUs(),
    );
    this.#senders.set(stream.stream, sender);
    this.#dueUs = Math.min(this.#dueUs, sender.dueUs);
  }

  receive(stream: ReceivedStream): void {
    this.stop(stream.stream);
    const port = { ...this.#port, key: (keyId: number) => this.#receivingKeys.get(keyId) };
    const receiver = new PortableReceiver(stream, port, this.#port.nowUs());
    this.#receivers.set(stream.stream, receiver);
    this.#bySsrc.set(stream.ssrc, { receiver, isRepair: false });
    if (stream.rtxSsrc !== undefined) {
      this.#bySsrc.set(stream.rtxSsrc, { receiver, isRepair: true });
    }
    this.#transportCcId = stream.headerExtensions.transportCc ?? this.#transportCcId;
  }

  change(change: StreamChange): void {
    const stream = this.#senders.get(change.stream) ?? this.#receivers.get(change.stream);
    if (stream === undefined) throw new EngineError("unknown", "there is no such stream");
    stream.change(change);
  }

  stop(stream: string): void {
    this.#senders.delete(stream);
    const receiver = this.#receivers.get(stream);
    if (receiver === undefined) return;
    this.#countLosses(receiver);
    this.#receivers.delete(stream);
    this.#bySsrc.delete(receiver.stream.ssrc);
    if (receiver.stream.rtxSsrc !== undefined) this.#bySsrc.delete(receiver.stream.rtxSsrc);
  }

  setKeys({ sending, receiving }: KeysSet): void {
    for (const key of sending) {
      this.#sendingKeys.set(key.source, { key: new SealingKey(key), counter: 0 });
    }
    for (const key of receiving) {
      this.#receivingKeys.set(key.keyId, { key: new SealingKey(key), from: key.from });
    }
    if (receiving.length === 0) return;
    for (const receiver of this.#receivers.values()) receiver.keysCame();
  }

  forgetKeys(keyIds: readonly number[]): void {
    for (const keyId of keyIds) this.#receivingKeys.delete(keyId);
  }

  /** Sends what is due: frames, congestion feedback, reports. */
  tick(nowUs: number): void {
    if (nowUs >= this.#feedbackDueUs) {
      this.#feedbackDueUs = nowUs + FEEDBACK_PERIOD_US;
      this.#giveFeedback(nowUs);
    }
    if (nowUs >= this.#reportsDueUs) {
      this.#reportsDueUs = nowUs + REPORT_PERIOD_US;
      this.#giveReports(nowUs);
    }
    this.#dueUs = Math.min(this.#feedbackDueUs, this.#reportsDueUs);
    for (const sender of this.#senders.values()) {
      sender.tick(nowUs);
      this.#dueUs = Math.min(this.#dueUs, sender.dueUs);
    }
  }

  close(): void {
    for (const direction of [...this.#transports.keys()]) this.closeTransport(direction);
    for (const stream of [...this.#receivers.keys()]) this.stop(stream);
    this.#senders.clear();
    this.#sendingKeys.clear();
    this.#receivingKeys.clear();
  }

  /** Congestion feedback, and requests for what is missing: ten times a second. */
  #giveFeedback(nowUs: number): void {
    let mediaSsrc: number | undefined;
    for (const receiver of this.#receivers.values()) {
      const { ssrc } = receiver.stream;
      mediaSsrc ??= ssrc;
      if (!receiver.losses.isComplete) this.#askForMissing(receiver, nowUs);
      this.#countLosses(receiver);
      receiver.expire(nowUs);
      if (
        receiver.wantsKeyFrame(nowUs) &&
        this.#report(pictureLossIndication(REPORTER_SSRC, ssrc))
      ) {
        this.#port.counters.keyFrameRequestsSent += 1;
      }
    }
    if (mediaSsrc === undefined || this.#transportCcId === undefined) return;
    const feedback = this.#feedback.take(mediaSsrc);
    if (feedback !== undefined) this.#report(feedback);
  }

  /** Sender and receiver reports: once a second. */
  #giveReports(nowUs: number): void {
    for (const sender of this.#senders.values()) sender.report(nowUs);
    const blocks = [...this.#receivers.values()].map((receiver) => receiver.report(nowUs));
    if (blocks.length > 0) this.#report(receiverReport(REPORTER_SSRC, blocks));
  }

  #askForMissing(receiver: PortableReceiver, nowUs: number): void {
    const sequences = receiver.losses.toAskFor(nowUs);
    if (sequences.length === 0) return;
    if (this.#report(nack(REPORTER_SSRC, receiver.stream.ssrc, sequences))) {
      this.#port.counters.nacksSent += 1;
    }
  }

  #countLosses(receiver: PortableReceiver): void {
    const { expected, lost, repaired } = receiver.losses.take();
    this.#port.counters.packetsExpected += expected;
    this.#port.counters.packetsLost += lost;
    this.#port.counters.packetsRepaired += repaired;
  }

  #onPacket(packet: Buffer): void {
    const nowUs = this.#port.nowUs();
    const { counters } = this.#port;
    counters.packetsReceived += 1;
    counters.bytesReceived += packet.length;
    if (isRtcp(packet)) {
      this.#onReports(packet, nowUs);
      return;
    }
    const header = parseRtp(packet);
    if (header === undefined) return;
    if (this.#transportCcId !== undefined) {
      const sequence = extension16(packet, header, this.#transportCcId);
      if (sequence !== undefined) this.#feedback.received(sequence, nowUs);
    }
    // The SFU also sends what only probes the bandwidth; that is nobody's stream.
    const target = this.#bySsrc.get(header.ssrc);
    if (target === undefined) return;
    if (target.isRepair) target.receiver.repair(packet, header, nowUs);
    else target.receiver.packet(packet, header, nowUs);
  }

  #onReports(packet: Buffer, nowUs: number): void {
    for (const item of parseRtcp(packet)) {
      if (item.type !== "sender-report") continue;
      this.#bySsrc.get(item.ssrc)?.receiver.senderReport(item.middleNtp, nowUs);
    }
  }

  #onFeedback(packet: Buffer): void {
    const { counters } = this.#port;
    counters.packetsReceived += 1;
    counters.bytesReceived += packet.length;
    if (!isRtcp(packet)) return;
    for (const item of parseRtcp(packet)) {
      for (const sender of this.#senders.values()) {
        if (item.type === "nack" && sender.nacked(item.ssrc, item.sequences)) {
          counters.nacksReceived += 1;
        }
        if (item.type === "key-frame-request" && sender.keyFrameRequested(item.ssrc)) {
          counters.keyFrameRequestsReceived += 1;
        }
      }
    }
  }

  #report(packet: Buffer): boolean {
    if (this.#transports.get("receive")?.send(packet) !== true) return false;
    this.#port.counters.packetsSent += 1;
    this.#port.counters.bytesSent += packet.length;
    return true;
  }

  #takeCounter(source: string): { key: SealingKey; counter: number } | undefined {
    const state = this.#sendingKeys.get(source);
    if (state === undefined) return undefined;
    const { key, counter } = state;
    state.counter += 1;
    return { key, counter };
  }

  #nextTransportSequence(): number {
    this.#transportSequence = (this.#transportSequence + 1) & 0xffff;
    return this.#transportSequence;
  }
}
