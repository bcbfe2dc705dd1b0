import type { Clock } from "../../lib/clock.ts";
import type { ConsumerId, MediaKind } from "../../protocol/index.ts";
import type { SignalingConnection } from "../connection/signaling-connection.ts";
import { Scope } from "../../lib/scope.ts";
import { spatialLayerFor, TOP_TEMPORAL_LAYER } from "./encodings.ts";

/**
 * A picture whose size is not known yet begins small, since that is there first; this long, so that
 * the page can say its size.
 */
const SMALL_AT_FIRST_MS = 500;
/** Sizes that change quickly, as in an animation, are told once they rest. */
const SETTLE_MS = 150;

interface Wish {
  readonly paused: boolean;
  readonly spatialLayer: number;
}

/** What this client wants of one consumer: whether it flows, and how sharp. */
export class StreamView {
  readonly #connection: SignalingConnection;
  readonly #consumerId: ConsumerId;
  readonly #kind: MediaKind;
  readonly #scope: Scope;
  #flowing = false;
  /** How large the page shows the stream. A page that does not say it gets all of it, soon. */
  #heightPixels: number | null = 0;
  /** What the server knows. A consumer begins paused. */
  #told: Partial<Wish> = { paused: true };
  #cancelSettling: () => void = () => {};

  constructor(
    { connection, clock }: { connection: SignalingConnection; clock: Clock },
    consumerId: ConsumerId,
    kind: MediaKind,
  ) {
    this.#connection = connection;
    this.#consumerId = consumerId;
    this.#kind = kind;
    this.#scope = new Scope("stream view", clock);
    this.#cancelSettling = this.#scope.after(SMALL_AT_FIRST_MS, () => {
      this.#heightPixels = Infinity;
      this.#tell();
    });
  }

  flow(): void {
    this.#flowing = true;
    this.#tell();
  }

  show(heightPixels: number | null): void {
    this.#heightPixels = heightPixels;
    this.#cancelSettling();
    this.#cancelSettling = this.#scope.after(SETTLE_MS, () => {
      this.#tell();
    });
  }

  /** The server may have missed what it was told. */
  repeat(): void {
    this.#told = {};
    this.#tell();
  }

  requestKeyFrame(): void {
    if (this.#kind === "audio" || this.#scope.ended) return;
    this.#attempt(
      this.#connection.request("consumer:request-key-frame", { consumerId: this.#consumerId }),
    );
  }

  close(): void {
    this.#scope.end("closed");
  }

  #tell(): void {
    if (!this.#flowing || this.#scope.ended) return;
    const consumerId = this.#consumerId;
    const told = this.#told;
    const wish = this.#wish();
    this.#told = wish;
    if (this.#kind === "video" && !wish.paused && wish.spatialLayer !== told.spatialLayer) {
      const layers = { spatialLayer: wish.spatialLayer, temporalLayer: TOP_TEMPORAL_LAYER };
      this.#attempt(this.#connection.request("consumer:set-layers", { consumerId, ...layers }));
    }
    if (wish.paused !== told.paused) {
      const name = wish.paused ? "consumer:pause" : "consumer:resume";
      this.#attempt(this.#connection.request(name, { consumerId }));
    }
  }

  #wish(): Wish {
    // Sound is heard whether or not its sender is shown.
    const paused = this.#kind === "video" && this.#heightPixels === null;
    return { paused, spatialLayer: spatialLayerFor(this.#heightPixels ?? 0) };
  }

  /** Fails only when the consumer is gone or the connection lost; `repeat` follows the latter. */
  #attempt(request: Promise<unknown>): void {
    request.catch(() => {
      this.#told = {};
    });
  }
}
