import { Emitter } from "../../src/lib/emitter.ts";
import type {
  ConsumerId,
  ParticipantId,
  ProducerId,
  RoomId,
  RtpCapabilities,
  RtpParameters,
  TransportDescription,
  TransportId,
} from "../../src/protocol/index.ts";
import { KIND_OF_SOURCE, ProtocolError } from "../../src/protocol/index.ts";
import type { ConsumerDescription, SfuControl, SfuEvents } from "../../src/signaling/ports.ts";

interface MemoryTransport {
  readonly roomId: RoomId;
  readonly participantId: ParticipantId;
}

/** An SFU without media behind signaling's own port: it keeps books, and lets a test hold it up. */
export class MemorySfu implements SfuControl {
  readonly transports = new Map<TransportId, MemoryTransport>();
  readonly producers = new Map<ProducerId, { transportId: TransportId; paused: boolean }>();
  readonly consumers = new Map<
    ConsumerId,
    { transportId: TransportId; producerId: ProducerId; paused: boolean }
  >();
  readonly closedRooms: RoomId[] = [];
  readonly #events = new Emitter<SfuEvents>();
  #gate: Promise<void> | undefined;
  #lastId = 0;

  on<Name extends keyof SfuEvents>(
    name: Name,
    listener: (event: SfuEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  tell<Name extends keyof SfuEvents>(name: Name, event: SfuEvents[Name]): void {
    this.#events.emit(name, event);
  }

  get listeners(): number {
    const names = ["transport:closed", "producer:closed", "consumer:closed", "consumer:layers"];
    return names.reduce((sum, name) => sum + this.#events.listenerCount(name as never), 0);
  }

  /** Until the returned function is called, whatever is asked waits. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return () => {
      this.#gate = undefined;
      resolve();
    };
  }

  async routerRtpCapabilities(): Promise<RtpCapabilities> {
    return {
      codecs: [
        {
          kind: "audio",
          mimeType: "audio/opus",
          preferredPayloadType: 100,
          clockRate: 48_000,
          channels: 2,
        },
      ],
      headerExtensions: [],
    };
  }

  async createTransport(input: MemoryTransport): Promise<TransportDescription> {
    await this.#gate;
    const transportId = this.#newId("transport");
    this.transports.set(transportId, {
      roomId: input.roomId,
      participantId: input.participantId,
    });
    return {
      transportId,
      iceParameters: { usernameFragment: "fragment", password: "password", iceLite: true },
      iceCandidates: [],
      dtlsParameters: { fingerprints: [{ algorithm: "sha-256", value: "00:11" }] },
    };
  }

  async connectTransport({ transportId }: { transportId: TransportId }): Promise<void> {
    await this.#gate;
    this.#transport(transportId);
  }

  async restartIce({ transportId }: { transportId: TransportId }) {
    await this.#gate;
    this.#transport(transportId);
    return { usernameFragment: "again", password: "again" };
  }

  async closeTransport({ transportId }: { transportId: TransportId }): Promise<void> {
    this.transports.delete(transportId);
    for (const [id, producer] of this.producers) {
      if (producer.transportId === transportId) this.producers.delete(id);
    }
    for (const [id, consumer] of this.consumers) {
      const gone = !this.producers.has(consumer.producerId);
      if (gone || consumer.transportId === transportId) this.consumers.delete(id);
    }
  }

  async createProducer(input: Parameters<SfuControl["createProducer"]>[0]) {
    await this.#gate;
    this.#transport(input.transportId);
    const producerId = this.#newId(`producer-${KIND_OF_SOURCE[input.source]}`);
    this.producers.set(producerId, { transportId: input.transportId, paused: input.paused });
    return { producerId };
  }

  async setProducerPaused({ producerId, paused }: { producerId: ProducerId; paused: boolean }) {
    await this.#gate;
    const producer = this.producers.get(producerId);
    if (producer === undefined) throw new ProtocolError("producer-not-found");
    producer.paused = paused;
  }

  async closeProducer({ producerId }: { producerId: ProducerId }): Promise<void> {
    this.producers.delete(producerId);
    for (const [id, consumer] of this.consumers) {
      if (consumer.producerId === producerId) this.consumers.delete(id);
    }
  }

  async createConsumer(
    input: Parameters<SfuControl["createConsumer"]>[0],
  ): Promise<ConsumerDescription> {
    await this.#gate;
    this.#transport(input.transportId);
    const producer = this.producers.get(input.producerId);
    if (producer === undefined) throw new ProtocolError("producer-not-found");
    const consumerId = this.#newId("consumer");
    const { transportId, producerId } = input;
    this.consumers.set(consumerId, { transportId, producerId, paused: true });
    return {
      consumerId,
      producerId,
      kind: producerId.includes("audio") ? "audio" : "video",
      rtpParameters: OPUS,
      producerPaused: producer.paused,
    };
  }

  async setConsumerPaused({ consumerId, paused }: { consumerId: ConsumerId; paused: boolean }) {
    await this.#gate;
    const consumer = this.consumers.get(consumerId);
    if (consumer === undefined) throw new ProtocolError("consumer-not-found");
    consumer.paused = paused;
  }

  async setPreferredLayers(): Promise<void> {
    await this.#gate;
  }

  async requestKeyFrame(): Promise<void> {
    await this.#gate;
  }

  async closeConsumer({ consumerId }: { consumerId: ConsumerId }): Promise<void> {
    this.consumers.delete(consumerId);
  }

  async closeRoom({ roomId }: { roomId: RoomId }): Promise<void> {
    await this.#gate;
    this.closedRooms.push(roomId);
    for (const [transportId, transport] of this.transports) {
      if (transport.roomId === roomId) await this.closeTransport({ transportId });
    }
  }

  #transport(transportId: TransportId): MemoryTransport {
    const transport = this.transports.get(transportId);
    if (transport === undefined) throw new ProtocolError("transport-not-found");
    return transport;
  }

  #newId(what: string): string {
    this.#lastId += 1;
    return `${what}-${this.#lastId}`;
  }
}

export const OPUS: RtpParameters = {
  codecs: [{ mimeType: "audio/opus", payloadType: 100, clockRate: 48_000, channels: 2 }],
  encodings: [{ ssrc: 1_111 }],
};
