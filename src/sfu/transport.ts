import type { types } from "mediasoup";
import { Emitter } from "../lib/emitter.ts";
import { Scope } from "../lib/scope.ts";
import type {
  DtlsParameters,
  IceParameters,
  MediaSource,
  RtpCapabilities,
  RtpParameters,
  TransportDescription,
  TransportDirection,
  TransportId,
} from "../protocol/index.ts";
import {
  iceParameters,
  KIND_OF_SOURCE,
  ProtocolError,
  transportDescription,
} from "../protocol/index.ts";
import type { CloseReason } from "./close-reason.ts";
import { Consumer } from "./consumer.ts";
import { plainData } from "./plain-data.ts";
import { Producer } from "./producer.ts";
import { producerParameters } from "./producer-parameters.ts";
import { remoteDtlsParameters } from "./remote-fingerprint.ts";
import type { Room } from "./room.ts";
import type { RoomRouter } from "./room-router.ts";
import type { SfuLimits, SfuRates } from "./sfu-options.ts";

export interface TransportOptions {
  readonly room: Room;
  readonly router: RoomRouter;
  readonly direction: TransportDirection;
  /** Holds already what the transport has to give back; ends when it closes. */
  readonly scope: Scope;
  readonly limits: SfuLimits;
  readonly rates: SfuRates;
}

/**
 * A participant's connection to one worker, to send on or to receive on.
 *
 * Made by its Room, owned by its RoomRouter, which closes it. It owns what it carries: it closes
 * mediasoup's transport, then producers or consumers with `transport-closed` (or `worker-died`),
 * then gives back its place and its hold on the router, which may end router and room. `closed` is
 * told once, last, with the reason.
 */
export class Transport {
  readonly room: Room;
  readonly events = new Emitter<{ closed: { reason: CloseReason } }>();
  readonly #options: TransportOptions;
  readonly #transport: types.WebRtcTransport;
  readonly #mediaRouter: types.Router;
  readonly #scope: Scope;
  readonly #children = new Set<Producer | Consumer>();
  #producers = 0;
  #consumers = 0;
  #awaitsNewPath = false;

  /** Rejects with `ClosedError` or with what the worker answered; ends nothing then. */
  static async create(options: TransportOptions): Promise<Transport> {
    const { router, direction, rates, scope } = options;
    const mediaRouter = await router.ready();
    const transport = await router.worker.createWebRtcTransport(
      mediaRouter,
      rates.initialOutgoingBitrateBps,
    );
    scope.add(() => {
      transport.close();
    });
    if (direction === "send" && rates.maxIncomingBitrateBps > 0) {
      await transport.setMaxIncomingBitrate(rates.maxIncomingBitrateBps);
    }
    if (direction === "receive" && rates.minOutgoingBitrateBps > 0) {
      await transport.setMinOutgoingBitrate(rates.minOutgoingBitrateBps);
    }
    router.assertOpen();
    return new Transport(options, transport, mediaRouter);
  }

  constructor(
    options: TransportOptions,
    transport: types.WebRtcTransport,
    mediaRouter: types.Router,
  ) {
    this.room = options.room;
    this.#options = options;
    this.#transport = transport;
    this.#mediaRouter = mediaRouter;
    this.#scope = options.scope;
    this.#scope.add(options.router.adopt(this));
    this.#scope.add(() => {
      const reason = this.#scope.endReason === "worker-died" ? "worker-died" : "transport-closed";
      for (const child of [...this.#children]) child.close(reason);
    });
    // Before the children, so that the worker is told once for all of them.
    this.#scope.add(() => {
      transport.close();
    });
    transport.on("iceselectedtuplechange", () => {
      this.#onNewPath();
    });
  }

  get id(): TransportId {
    return this.#transport.id;
  }

  get direction(): TransportDirection {
    return this.#options.direction;
  }

  get closed(): boolean {
    return this.#scope.ended;
  }

  /** True from the moment at which the worker is gone, before the transport itself is closed. */
  get isLost(): boolean {
    return this.#options.router.worker.closed;
  }

  describe(): TransportDescription {
    const { id, iceParameters: ice, iceCandidates, dtlsParameters } = this.#transport;
    return transportDescription.parse(
      plainData({ transportId: id, iceParameters: ice, iceCandidates, dtlsParameters }),
    );
  }

  /** Rejects with `transport-refused` for fingerprints that can't be, and when called twice. */
  async connect(dtlsParameters: DtlsParameters): Promise<void> {
    await this.#whileOpen(() =>
      this.#transport.connect({ dtlsParameters: remoteDtlsParameters(dtlsParameters) }),
    );
  }

  async restartIce(): Promise<IceParameters> {
    const parameters = await this.#whileOpen(() => this.#transport.restartIce());
    this.#awaitsNewPath = true;
    return iceParameters.parse(plainData(parameters));
  }

  /** Rejects with `bad-request`, `producer-limit` or `unsupported-media`. */
  async produce(
    source: MediaSource,
    rtpParameters: RtpParameters,
    paused: boolean,
  ): Promise<Producer> {
    this.#scope.assertOpen();
    this.#assertDirection("send");
    const { room, router, limits, rates } = this.#options;
    const kind = KIND_OF_SOURCE[source];
    const checked = producerParameters(kind, rtpParameters, limits.encodingsPerProducer);
    const scope = new Scope("producer");
    try {
      scope.add(room.countProducer());
      scope.add(this.#countProducer());
      scope.add(router.worker.load.take("producers"));
      const producer = await this.#transport.produce({
        kind,
        rtpParameters: checked,
        paused,
        keyFrameRequestDelay: rates.keyFrameIntervalMs,
      });
      scope.add(() => {
        producer.close();
      });
      this.#scope.assertOpen();
      const mediaRouter = this.#mediaRouter;
      return this.#adopt(scope, new Producer({ room, router, mediaRouter, producer, scope }));
    } catch (error) {
      scope.end("refused");
      this.#scope.assertOpen();
      throw error;
    }
  }

  /** The consumer begins paused. Rejects with `bad-request`, `consumer-limit` or `unsupported-media`. */
  async consume(producer: Producer, rtpCapabilities: RtpCapabilities): Promise<Consumer> {
    this.#scope.assertOpen();
    this.#assertDirection("receive");
    // Asked before a pipe is made, which would be made in vain.
    if (!producer.isConsumableWith(rtpCapabilities)) throw new ProtocolError("unsupported-media");
    const { router } = this.#options;
    const scope = new Scope("consumer");
    try {
      scope.add(this.#countConsumer());
      scope.add(router.worker.load.take("consumers"));
      scope.add(await producer.holdAt(router));
      this.#scope.assertOpen();
      const consumer = await this.#transport.consume({
        producerId: producer.id,
        rtpCapabilities,
        paused: true,
      });
      scope.add(() => {
        consumer.close();
      });
      this.#scope.assertOpen();
      producer.assertOpen();
      return this.#adopt(scope, new Consumer({ consumer, producer, scope }));
    } catch (error) {
      scope.end("refused");
      // What the worker answers about things that went meanwhile tells less than why they went.
      this.#scope.assertOpen();
      producer.assertOpen();
      throw error;
    }
  }

  close(reason: CloseReason): void {
    if (!this.#scope.end(reason)) return;
    this.events.emit("closed", { reason });
    this.events.removeAllListeners();
  }

  /**
   * What was sent into the old path is often lost, and too old to be sent again. Without a key frame
   * pictures would stand still until each decoder's own patience ends, after 3 s in Chromium.
   */
  #onNewPath(): void {
    if (!this.#awaitsNewPath) return;
    this.#awaitsNewPath = false;
    for (const child of this.#children) {
      // Whoever closes meanwhile needs none.
      child.requestKeyFrame().catch(() => {});
    }
  }

  async #whileOpen<Result>(ask: () => Promise<Result>): Promise<Result> {
    this.#scope.assertOpen();
    try {
      return await ask();
    } catch (error) {
      this.#scope.assertOpen();
      throw error;
    }
  }

  #adopt<Child extends Producer | Consumer>(scope: Scope, child: Child): Child {
    this.#children.add(child);
    scope.add(() => {
      this.#children.delete(child);
    });
    return child;
  }

  #assertDirection(direction: TransportDirection): void {
    if (this.direction !== direction) {
      throw new ProtocolError("bad-request", `the transport is to ${this.direction} on`);
    }
  }

  #countProducer(): () => void {
    if (this.#producers >= this.#options.limits.producersPerTransport) {
      throw new ProtocolError("producer-limit", "transport");
    }
    this.#producers += 1;
    return () => {
      this.#producers -= 1;
    };
  }

  #countConsumer(): () => void {
    const { limits, router } = this.#options;
    if (this.#consumers >= limits.consumersPerTransport) {
      throw new ProtocolError("consumer-limit", "transport");
    }
    if (router.worker.load.of("consumers") >= limits.consumersPerWorker) {
      throw new ProtocolError("consumer-limit", "worker");
    }
    this.#consumers += 1;
    return () => {
      this.#consumers -= 1;
    };
  }
}
