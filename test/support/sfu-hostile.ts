import type { MediaSource } from "../../src/protocol/index.ts";
import type { SfuControl, SfuEvents } from "../../src/signaling/ports.ts";
import type { RtpPacket } from "./sfu-rtp.ts";
import type { ForgedPacket, Impersonation, SfuTap } from "./sfu-tap.ts";

type Input<Name extends keyof SfuControl> = SfuControl[Name] extends (input: infer I) => unknown
  ? I
  : never;

interface ForgedConsumer {
  pause(): Promise<void>;
  resume(): Promise<void>;
  requestKeyFrame(): Promise<void>;
  close(): void;
}

/** A stream that passes, and what a server knows of it. */
export interface PassingStream {
  readonly producerId: string;
  readonly participantId: string;
  readonly source: MediaSource;
}

export type Interfere = (
  stream: PassingStream,
  packet: RtpPacket,
  send: (forged: ForgedPacket) => void,
) => void;

/**
 * An SFU whose operator attacks: every stream that a client asks for passes through `interfere`,
 * which may change, drop, repeat or add packets. To clients and to signaling it looks like any
 * other. `interfere` is told which stream a packet is of.
 */
export class HostileSfu implements SfuControl {
  readonly #sfu: SfuControl;
  readonly #tap: SfuTap;
  readonly #interfere: Interfere;
  readonly #participantOf = new Map<string, string>();
  readonly #streams = new Map<string, PassingStream>();
  readonly #impersonations = new Map<string, Promise<Impersonation>>();
  readonly #consumers = new Map<string, ForgedConsumer>();

  constructor(sfu: SfuControl, tap: SfuTap, interfere: Interfere) {
    this.#sfu = sfu;
    this.#tap = tap;
    this.#interfere = interfere;
  }

  /** The stream of this source that this participant sends. */
  streamOf(participantId: string, source: MediaSource): PassingStream {
    const found = [...this.#streams.values()].find(
      (stream) => stream.participantId === participantId && stream.source === source,
    );
    if (found === undefined) throw new Error(`${participantId} sends no ${source}`);
    return found;
  }

  /** Consumes the forger's producer in place of the one that was asked for: all on one worker. */
  async createConsumer({ transportId, producerId, rtpCapabilities }: Input<"createConsumer">) {
    // The true consumer is made too, and its description given, so that all looks alike.
    const input = { transportId, producerId, rtpCapabilities };
    const truth = await this.#sfu.createConsumer(input);
    await this.#sfu.closeConsumer({ consumerId: truth.consumerId });
    const { producer } = await this.#impersonation(producerId);
    const consumer = await this.#tap
      .transport(transportId)
      .consume({ producerId: producer.id, rtpCapabilities, paused: true });
    this.#consumers.set(consumer.id, consumer);
    consumer.observer.on("close", () => this.#consumers.delete(consumer.id));
    const [{ ssrc, rtx } = {}] = consumer.rtpParameters.encodings ?? [];
    return {
      ...truth,
      consumerId: consumer.id,
      rtpParameters: {
        ...truth.rtpParameters,
        mid: consumer.rtpParameters.mid ?? "",
        encodings: [
          { ...(ssrc === undefined ? {} : { ssrc }), ...(rtx === undefined ? {} : { rtx }) },
        ],
      },
    };
  }

  /** What this server would send by itself, for instance much later: see `Impersonation.send`. */
  async forge(producerId: string, packet: ForgedPacket): Promise<void> {
    const impersonation = await this.#impersonation(producerId);
    impersonation.send(packet);
  }

  async setConsumerPaused(input: Input<"setConsumerPaused">): Promise<void> {
    const forged = this.#consumers.get(input.consumerId);
    if (forged === undefined) return this.#sfu.setConsumerPaused(input);
    await (input.paused ? forged.pause() : forged.resume());
  }

  async setPreferredLayers(input: Input<"setPreferredLayers">): Promise<void> {
    if (!this.#consumers.has(input.consumerId)) await this.#sfu.setPreferredLayers(input);
  }

  async requestKeyFrame(input: Input<"requestKeyFrame">): Promise<void> {
    const forged = this.#consumers.get(input.consumerId);
    await (forged === undefined ? this.#sfu.requestKeyFrame(input) : forged.requestKeyFrame());
  }

  async closeConsumer(input: Input<"closeConsumer">): Promise<void> {
    this.#consumers.get(input.consumerId)?.close();
    await this.#sfu.closeConsumer(input);
  }

  on<Name extends keyof SfuEvents>(name: Name, listener: (event: SfuEvents[Name]) => void) {
    return this.#sfu.on(name, listener);
  }
  routerRtpCapabilities() {
    return this.#sfu.routerRtpCapabilities();
  }
  async createTransport(input: Input<"createTransport">) {
    const transport = await this.#sfu.createTransport(input);
    this.#participantOf.set(transport.transportId, input.participantId);
    return transport;
  }
  connectTransport(input: Input<"connectTransport">) {
    return this.#sfu.connectTransport(input);
  }
  restartIce(input: Input<"restartIce">) {
    return this.#sfu.restartIce(input);
  }
  closeTransport(input: Input<"closeTransport">) {
    return this.#sfu.closeTransport(input);
  }
  async createProducer(input: Input<"createProducer">) {
    const { producerId } = await this.#sfu.createProducer(input);
    const participantId = this.#participantOf.get(input.transportId) ?? "";
    this.#streams.set(producerId, { producerId, participantId, source: input.source });
    return { producerId };
  }
  setProducerPaused(input: Input<"setProducerPaused">) {
    return this.#sfu.setProducerPaused(input);
  }
  async closeProducer(input: Input<"closeProducer">): Promise<void> {
    const impersonation = this.#impersonations.get(input.producerId);
    this.#impersonations.delete(input.producerId);
    this.#streams.delete(input.producerId);
    await this.#sfu.closeProducer(input);
    (await impersonation)?.close();
  }
  closeRoom(input: Input<"closeRoom">) {
    return this.#sfu.closeRoom(input);
  }

  #impersonation(producerId: string): Promise<Impersonation> {
    const known = this.#impersonations.get(producerId);
    if (known !== undefined) return known;
    const stream = this.#streams.get(producerId);
    if (stream === undefined) throw new Error(`no producer ${producerId}`);
    const made = this.#tap.impersonate(producerId, (packet, send) => {
      this.#interfere(stream, packet, send);
    });
    this.#impersonations.set(producerId, made);
    return made;
  }
}
