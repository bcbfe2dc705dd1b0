import type { MediaEngine } from "../../loadtest/engine/media-engine.ts";
import {
  offerOf,
  receiveCapabilities,
  receivedForm,
} from "../../loadtest/participant/media-offer.ts";
import type {
  ProducerId,
  RtpCapabilities,
  TransportDirection,
  TransportId,
} from "../../src/protocol/index.ts";
import { ProtocolClient, randomId } from "../../test/support/protocol-client.ts";
import { openTransport } from "./engine-transport.ts";
import { SENT_LAYER } from "./tested-server.ts";
import type { ReceivedForm, SentForm, ServerRoom } from "./tested-server.ts";

/** A machine that is busy with a measurement may answer late. */
const TIMEOUT_MS = 20_000;

/**
 * A room of this project's own service, reached by its protocol. Nobody in it has joined an MLS
 * group: the service doesn't look into frames, and keys are handed to the generator.
 */
export class AparteRoom implements ServerRoom {
  readonly #engine: MediaEngine;
  readonly #origin: string;
  readonly #roomId = randomId();
  readonly #clients: ProtocolClient[] = [];
  readonly #published = new Map<string, ProducerId>();
  #router: RtpCapabilities | undefined;

  constructor(engine: MediaEngine, origin: string) {
    this.#engine = engine;
    this.#origin = origin;
  }

  async publish(participant: string): Promise<SentForm> {
    const client = await this.#enter();
    const transportId = await this.#open(client, participant, "send");
    const offer = offerOf("camera", await this.#capabilities(client), participant);
    const { rid: _, ...encoding } = only(offer.stream.encodings[SENT_LAYER]);
    const { rid: __, ...announced } = only(offer.rtpParameters.encodings[SENT_LAYER]);
    const { producerId } = await client.request("producer:create", {
      transportId,
      source: "camera",
      rtpParameters: { ...offer.rtpParameters, encodings: [announced] },
      paused: false,
    });
    this.#published.set(participant, producerId);
    return { ...offer.stream, encodings: [{ ...encoding, active: true }] };
  }

  async watch(participant: string): Promise<ReceivedForm[]> {
    const client = await this.#enter();
    const transportId = await this.#open(client, participant, "receive");
    const rtpCapabilities = receiveCapabilities(await this.#capabilities(client));
    const consumers = [...this.#published].map(async ([from, producerId]) => {
      const asked = { transportId, producerId, rtpCapabilities };
      const { consumerId, rtpParameters } = await client.request("consumer:create", asked);
      await client.request("consumer:resume", { consumerId });
      return { ...receivedForm(rtpParameters), from };
    });
    return Promise.all(consumers);
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  async #enter(): Promise<ProtocolClient> {
    const client = await ProtocolClient.connect(this.#origin, { timeoutMs: TIMEOUT_MS });
    this.#clients.push(client);
    await client.request("room:join", { roomId: this.#roomId, participantId: randomId() });
    return client;
  }

  async #capabilities(client: ProtocolClient): Promise<RtpCapabilities> {
    this.#router ??= (await client.request("server:capabilities", {})).routerRtpCapabilities;
    return this.#router;
  }

  async #open(
    client: ProtocolClient,
    participant: string,
    direction: TransportDirection,
  ): Promise<TransportId> {
    const { transport } = await client.request("transport:create", { direction });
    const { transportId, iceParameters, iceCandidates, dtlsParameters } = transport;
    await openTransport(this.#engine, { participant, direction }, async (own) => {
      const { dtlsParameters: ours } = own;
      await client.request("transport:connect", { transportId, dtlsParameters: ours });
      return { iceParameters, iceCandidates, dtlsParameters };
    });
    return transportId;
  }
}

function only<Encoding>(encoding: Encoding | undefined): Encoding {
  if (encoding === undefined) throw new Error(`a camera has no layer ${SENT_LAYER}`);
  return encoding;
}
