import { observer } from "mediasoup";
import type { types } from "mediasoup";
import type { RtpPacket } from "./sfu-rtp.ts";
import { buildRtp, keyFrameRequests, parseRtp } from "./sfu-rtp.ts";

/** Enough for minutes of a call; the oldest go first. */
const PACKETS_KEPT = 20_000;

interface SeenProducer {
  readonly producer: types.Producer;
  readonly router: types.Router;
}

/** What an SFU forwards of one producer. */
export interface TappedStream {
  readonly packets: readonly RtpPacket[];
  close(): void;
}

/** What one who has taken over a stream may send to its receiver in place of a packet, or beside it. */
export interface ForgedPacket {
  readonly payload: Buffer;
  readonly timestamp: number;
  readonly marker: boolean;
}

/** A producer of the hostile server's own, which looks to receivers like another one. */
export interface Impersonation {
  readonly producer: types.Producer;
  /** Sends a packet of any content with the next sequence number. */
  send(packet: ForgedPacket): void;
  close(): void;
}

/**
 * What an operator, or whoever has broken into the server, can do with the media that passes:
 * read it, and send something else. It finds mediasoup's objects by mediasoup's own observer, so
 * the SFU has no door for it. Make it before the SFU, since it sees only what comes afterwards.
 */
export class SfuTap {
  readonly #producers = new Map<string, SeenProducer>();
  readonly #transports = new Map<string, types.Transport>();
  readonly #onWorker = (worker: types.Worker): void => {
    worker.observer.on("newrouter", (router) => {
      router.observer.on("newtransport", (transport) => {
        this.#watch(router, transport);
      });
    });
  };

  constructor() {
    observer.on("newworker", this.#onWorker);
  }

  close(): void {
    observer.off("newworker", this.#onWorker);
  }

  /** A client's transport, by the id that the client knows. */
  transport(transportId: string): types.Transport {
    const transport = this.#transports.get(transportId);
    if (transport === undefined) throw new Error(`no transport ${transportId}`);
    return transport;
  }

  /** Collects all layers of a producer as they are forwarded, on the router where its sender is. */
  async attach(producerId: string): Promise<TappedStream> {
    const packets: RtpPacket[] = [];
    const { transport, consumer } = await this.#consume(producerId, true);
    consumer.on("rtp", (bytes) => {
      packets.push(parseRtp(bytes));
      if (packets.length > PACKETS_KEPT) packets.shift();
    });
    await consumer.resume();
    return {
      packets,
      close() {
        transport.close();
      },
    };
  }

  /**
   * Takes the place of a producer on its router: `interfere` is given each packet of it and sends
   * on what it likes. Requests for key frames are passed back, so that all looks as it should.
   */
  async impersonate(
    producerId: string,
    interfere: (packet: RtpPacket, send: (forged: ForgedPacket) => void) => void,
  ): Promise<Impersonation> {
    const { router } = this.#seen(producerId);
    const { transport, consumer } = await this.#consume(producerId, false);
    const forger = await router.createDirectTransport();
    const { codecs, encodings = [], rtcp = {} } = consumer.rtpParameters;
    const [payloadType, ssrc] = [codecs[0]?.payloadType, encodings[0]?.ssrc];
    if (payloadType === undefined || ssrc === undefined) throw new Error("nothing to take over");
    const producer = await forger.produce({
      kind: consumer.kind,
      rtpParameters: { codecs, encodings: [{ ssrc }], rtcp },
    });
    let sequenceNumber = 1;
    const send = ({ payload, timestamp, marker }: ForgedPacket): void => {
      producer.send(buildRtp({ payloadType, ssrc, sequenceNumber, timestamp, marker, payload }));
      sequenceNumber = (sequenceNumber + 1) & 0xffff;
    };
    forger.on("rtcp", (packet) => {
      if (keyFrameRequests(packet).length > 0) consumer.requestKeyFrame().catch(() => {});
    });
    consumer.on("rtp", (bytes) => {
      interfere(parseRtp(bytes), send);
    });
    await consumer.resume();
    return {
      producer,
      send,
      close() {
        transport.close();
        forger.close();
      },
    };
  }

  async #consume(producerId: string, pipe: boolean) {
    const { router } = this.#seen(producerId);
    const { rtpCapabilities } = router;
    const transport = await router.createDirectTransport();
    const consumer = await transport.consume({ producerId, rtpCapabilities, paused: true, pipe });
    return { transport, consumer };
  }

  #seen(producerId: string): SeenProducer {
    const seen = this.#producers.get(producerId);
    if (seen === undefined) throw new Error(`no producer ${producerId}`);
    return seen;
  }

  #watch(router: types.Router, transport: types.Transport): void {
    this.#transports.set(transport.id, transport);
    transport.observer.on("close", () => {
      this.#transports.delete(transport.id);
    });
    transport.observer.on("newproducer", (producer) => {
      // A piped producer has the id of the one that it comes from.
      if (transport.type === "pipe") return;
      this.#producers.set(producer.id, { producer, router });
      producer.observer.on("close", () => {
        this.#producers.delete(producer.id);
      });
    });
  }
}
