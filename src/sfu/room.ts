import { Scope } from "../lib/scope.ts";
import type { ParticipantId, TransportDirection } from "../protocol/index.ts";
import { ProtocolError } from "../protocol/index.ts";
import type { CloseReason } from "./close-reason.ts";
import type { MediaWorker } from "./media-worker.ts";
import { ParticipantPlace } from "./participant-place.ts";
import { PipeLink } from "./pipe-link.ts";
import { placeParticipant } from "./placement.ts";
import { RoomRouter } from "./room-router.ts";
import type { ResolvedSfuOptions } from "./sfu-options.ts";
import { Transport } from "./transport.ts";
import type { WorkerPool } from "./worker-pool.ts";

/**
 * A room: one router on each worker where somebody is, and links between those that need one.
 *
 * Owned by the Sfu, which closes it, and hears `onClosed`. It lives as long as one of its routers
 * does, so it closes with `unused` when the last transport goes. It owns routers and links;
 * the routers close the transports.
 */
export class Room {
  readonly #options: ResolvedSfuOptions;
  readonly #pool: WorkerPool;
  readonly #scope = new Scope("room");
  readonly #routers = new Map<MediaWorker, RoomRouter>();
  readonly #places = new Map<ParticipantId, ParticipantPlace>();
  readonly #links = new Set<PipeLink>();
  #producers = 0;

  constructor(options: ResolvedSfuOptions, pool: WorkerPool, onClosed: () => void) {
    this.#options = options;
    this.#pool = pool;
    this.#scope.add(onClosed);
  }

  /**
   * Places the participant when this is their first transport. Rejects with `server-full`,
   * `transport-exists`, `ClosedError`, or what the worker answered.
   */
  async createTransport(
    participantId: ParticipantId,
    direction: TransportDirection,
  ): Promise<Transport> {
    const scope = new Scope("transport");
    try {
      const place = this.#placeOf(participantId);
      scope.add(place.enter());
      scope.add(place.worker.load.take("transports"));
      const router = this.#routerOn(place.worker);
      scope.add(router.hold());
      return await Transport.create({
        room: this,
        router,
        direction,
        scope,
        limits: this.#options.limits,
        rates: this.#options.rates,
      });
    } catch (error) {
      scope.end("refused");
      // A room for which there was no place at all has no router whose end would end it.
      if (this.#routers.size === 0) this.close("unused");
      throw error;
    }
  }

  /** Counts a producer until the returned function is called. Throws `producer-limit`. */
  countProducer(): () => void {
    if (this.#producers >= this.#options.limits.producersPerRoom) {
      throw new ProtocolError("producer-limit", "room");
    }
    this.#producers += 1;
    return () => {
      this.#producers -= 1;
    };
  }

  /** The way between two routers of this room, made when there is none yet. */
  linkBetween(first: RoomRouter, second: RoomRouter): PipeLink {
    for (const link of this.#links) if (link.joins(first, second)) return link;
    const link = new PipeLink([first, second], () => {
      this.#links.delete(link);
    });
    this.#links.add(link);
    return link;
  }

  close(reason: CloseReason): void {
    if (!this.#scope.end(reason)) return;
    for (const router of [...this.#routers.values()]) router.close(reason);
  }

  #placeOf(participantId: ParticipantId): ParticipantPlace {
    this.#scope.assertOpen();
    const known = this.#places.get(participantId);
    if (known !== undefined && !known.worker.closed) return known;
    const { limits } = this.#options;
    const worker = this.#leastLoadedWorker();
    const place = new ParticipantPlace(worker, limits.transportsPerParticipant, () => {
      if (this.#places.get(participantId) === place) this.#places.delete(participantId);
    });
    this.#places.set(participantId, place);
    return place;
  }

  #leastLoadedWorker(): MediaWorker {
    const { limits, spreadThreshold } = this.#options;
    const { workers } = this.#pool;
    if (workers.length === 0) throw new ProtocolError("sfu-unavailable");
    const candidates = workers.map((worker) => ({
      streams: worker.load.of("producers") + worker.load.of("consumers") + worker.load.of("pipes"),
      participants: worker.load.of("participants"),
      transports: worker.load.of("transports"),
      consumers: worker.load.of("consumers"),
      hasRoom: this.#routers.has(worker),
    }));
    const index = placeParticipant(candidates, {
      spreadThreshold,
      maxTransports: limits.transportsPerWorker,
      maxConsumers: limits.consumersPerWorker,
    });
    const worker = index === undefined ? undefined : workers[index];
    if (worker === undefined) throw new ProtocolError("server-full");
    return worker;
  }

  #routerOn(worker: MediaWorker): RoomRouter {
    const known = this.#routers.get(worker);
    if (known !== undefined) return known;
    const router = new RoomRouter(worker, () => {
      this.#routers.delete(worker);
      if (this.#routers.size === 0) this.close("unused");
    });
    this.#routers.set(worker, router);
    return router;
  }
}
