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

/**
 * An SFU whose operator attacks: every stream that a client asks for passes through `interfere`,
 * which may change, drop, repeat or add packets. To clients and to signaling it looks like any
 * other. `interfere` is told which producer a packet is of.
 */
export class HostileSfu implements SfuControl {
  readonly #sfu: SfuControl;
  readonly #tap: SfuTap;
  readonly #interfere: (
    producerId: string,
    packet: RtpPacket,
    send: (forged: ForgedPacket) => void,
  ) => void;
  readonly #impersonations = new Map<string, Promise<Impersonation>>();
  readonly #consumers = new Map<string, ForgedConsumer>();

  constructor(
    sfu: SfuControl,
    tap: SfuTap,
    interfere: (
      producerId: string,
      packet: RtpPacket,
      send: (forged: ForgedPacket) => void,
    ) => void,
  ) {
    this.#sfu = sfu;
    this.#tap = tap;
    this.#interfere = interfere;
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
  createTransport(input: Input<"createTransport">) {
    return this.#sfu.createTransport(input);
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
  createProducer(input: Input<"createProducer">) {
    return this.#sfu.createProducer(input);
  }
  setProducerPaused(input: Input<"setProducerPaused">) {
    return this.#sfu.setProducerPaused(input);
  }
  async closeProducer(input: Input<"closeProducer">): Promise<void> {
    const impersonation = this.#impersonations.get(input.producerId);
    this.#impersonations.delete(input.producerId);
    await this.#sfu.closeProducer(input);
    (await impersonation)?.close();
  }
  closeRoom(input: Input<"closeRoom">) {
    return this.#sfu.closeRoom(input);
  }

  #impersonation(producerId: string): Promise<Impersonation> {
    const known = this.#impersonations.get(producerId);
    if (known !== undefined) return known;
    const made = this.#tap.impersonate(producerId, (packet, send) => {
      this.#interfere(producerId, packet, send);
    });
    this.#impersonations.set(producerId, made);
    return made;
  }
}
