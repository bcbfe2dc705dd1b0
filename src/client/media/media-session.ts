import type { types } from "mediasoup-client";
import type { TransformHost } from "../../e2ee/worker/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { TransportDirection, TransportId } from "../../protocol/index.ts";
import type { SignalingConnection } from "../connection/signaling-connection.ts";
import { Device } from "mediasoup-client";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import { ProtocolError } from "../../protocol/index.ts";
import { CallError } from "../call-error.ts";
import { EdgePresence } from "../edge/edge-presence.ts";
import type { VideoCodec } from "./encodings.ts";
import { sendCodecOf } from "./encodings.ts";
import { LocalStreams } from "./local-streams.ts";
import { MediaTransport } from "./media-transport.ts";
import { RemoteStreams } from "./remote-streams.ts";
import { sealableCapabilities } from "./sealable-capabilities.ts";

export interface MediaSessionEvents {
  /** Whether media flows on both transports, as far as there is any. */
  "media:changed": undefined;
  "media:failed": CallError;
}

export interface MediaSessionOptions {
  readonly connection: SignalingConnection;
  readonly transforms: TransformHost;
  readonly clock: Clock;
}

const DIRECTIONS: readonly TransportDirection[] = ["send", "receive"];
const REBUILD_RETRY_MS = 1_000;

/**
 * Both transports to the SFU and what travels on them. A transport that the server has lost is
 * replaced, and everything on it begins anew.
 */
export class MediaSession {
  readonly events = new Emitter<MediaSessionEvents>();
  readonly local: LocalStreams;
  readonly remote: RemoteStreams;
  /** Holds for transports that are opened from now on. */
  iceTransportPolicy: RTCIceTransportPolicy = "all";
  /** Holds for video that is sent from now on, where this browser can seal it. */
  preferredCodec: VideoCodec | undefined;
  readonly #options: MediaSessionOptions;
  readonly #scope: Scope;
  readonly #edge: EdgePresence;
  readonly #transports = new Map<TransportDirection, MediaTransport>();
  readonly #opening = new Map<TransportDirection, Promise<void>>();
  /** Those that are on their way for the first time: nothing is interrupted by their absence. */
  readonly #awaited = new Set<TransportDirection>(DIRECTIONS);
  #device: types.Device | undefined;
  #preparing: Promise<void> | undefined;

  constructor(options: MediaSessionOptions) {
    this.#options = options;
    this.#scope = new Scope("media session", options.clock);
    this.local = new LocalStreams(options);
    this.remote = new RemoteStreams(options);
    const { notifications } = options.connection;
    this.#scope.add(
      notifications.on("transport:closed", ({ transportId }) => {
        this.#onLost(transportId);
      }),
    );
    const transports = () => [...this.#transports.values()];
    this.#edge = new EdgePresence({ ...options, transports });
    this.#scope.add(() => {
      this.#edge.close();
    });
  }

  /** False while a transport is missing that was there, or has lost its way. */
  get connected(): boolean {
    return DIRECTIONS.every(
      (direction) =>
        this.#awaited.has(direction) || this.#transports.get(direction)?.interrupted === false,
    );
  }

  /** True while the way for what others send is open. */
  get receiving(): boolean {
    return this.#transports.get("receive")?.connected === true;
  }

  /**
   * Finds out what this browser and the server have in common. Rejects with `CallError`
   * (`unsupported`) when that is nothing.
   */
  prepare(): Promise<void> {
    this.#preparing ??= this.#loadDevice().catch((error: unknown) => {
      this.#preparing = undefined;
      throw error;
    });
    return this.#preparing;
  }

  /**
   * Opens both transports. What the server cannot give now is asked for again, until it can.
   * Rejects as `prepare` does.
   */
  async start(): Promise<void> {
    await this.prepare();
    this.#scope.assertOpen();
    await Promise.all(DIRECTIONS.map((direction) => this.#reopen(direction)));
  }

  /**
   * After a lost connection. With `resumed` the server kept this stay's transports; else they are
   * all made anew.
   */
  async resync(resumed: boolean): Promise<void> {
    if (!resumed) {
      for (const direction of DIRECTIONS) this.#discard(direction);
      await Promise.all(DIRECTIONS.map((direction) => this.#reopen(direction)));
      return;
    }
    await Promise.all(
      DIRECTIONS.filter((direction) => !this.#transports.has(direction)).map((direction) =>
        this.#reopen(direction),
      ),
    );
    for (const transport of this.#transports.values()) {
      if (!transport.connected) void transport.restartIce();
    }
    this.remote.resync();
    await this.local.resync();
  }

  close(reason: string): void {
    if (this.#scope.ended) return;
    this.local.close(reason);
    this.remote.close(reason);
    for (const direction of DIRECTIONS) this.#discard(direction);
    this.#scope.end(reason);
    this.events.removeAllListeners();
  }

  async #loadDevice(): Promise<void> {
    const [device, { routerRtpCapabilities }] = await Promise.all([
      Device.factory(),
      this.#options.connection.request("server:capabilities", {}),
    ]);
    try {
      await device.load({ routerRtpCapabilities: sealableCapabilities(routerRtpCapabilities) });
    } catch (error) {
      throw new CallError("unsupported", { cause: error });
    }
    this.#device = device;
  }

  /** Opens one transport; whoever asks while it is being opened waits for the same. */
  #open(direction: TransportDirection): Promise<void> {
    const opening = this.#opening.get(direction) ?? this.#openOnce(direction);
    this.#opening.set(direction, opening);
    const done = () => {
      if (this.#opening.get(direction) === opening) this.#opening.delete(direction);
    };
    opening.then(done, done);
    return opening;
  }

  async #openOnce(direction: TransportDirection): Promise<void> {
    const device = this.#device;
    if (device === undefined) return;
    const { iceTransportPolicy } = this;
    const edges = this.#edge.choice;
    const options = { ...this.#options, device, direction, iceTransportPolicy, edges };
    const transport = await MediaTransport.open(options);
    if (this.#scope.ended) {
      transport.close();
      return;
    }
    this.#transports.set(direction, transport);
    this.#awaited.delete(direction);
    transport.events.on("media:connected", (connected) => {
      if (!connected && transport.interrupted) this.#edge.interrupted();
      this.events.emit("media:changed", undefined);
    });
    transport.events.on("transport:lost", () => {
      this.#onLost(transport.id);
    });
    if (direction === "send")
      await this.local.attach(transport, sendCodecOf(device, this.preferredCodec));
    else this.remote.attach(transport, device);
  }

  #onLost(transportId: TransportId): void {
    for (const [direction, transport] of this.#transports) {
      if (transport.id !== transportId) continue;
      this.#discard(direction);
      this.events.emit("media:changed", undefined);
      void this.#reopen(direction);
    }
  }

  async #reopen(direction: TransportDirection): Promise<void> {
    try {
      await this.#open(direction);
    } catch (error) {
      // Without a connection, its return makes everything anew.
      if (this.#scope.ended || isDisconnected(error)) return;
      this.#awaited.delete(direction);
      this.events.emit("media:changed", undefined);
      this.#scope.after(REBUILD_RETRY_MS, () => {
        if (!this.#transports.has(direction)) void this.#reopen(direction);
      });
    }
  }

  #discard(direction: TransportDirection): void {
    const transport = this.#transports.get(direction);
    if (transport === undefined) return;
    this.#transports.delete(direction);
    if (direction === "send") this.local.detach();
    else this.remote.detach();
    transport.close();
  }
}

function isDisconnected(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === "disconnected";
}
