import type { types } from "mediasoup-client";
import type { TransformHost } from "../../e2ee/worker/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { TransportDirection, TransportId } from "../../protocol/index.ts";
import type { SignalingConnection } from "../connection/signaling-connection.ts";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import { CallError } from "../call-error.ts";
import { EdgePresence } from "../edge/edge-presence.ts";
import { createBrowserDevice } from "./browser-device.ts";
import { CodecChoice } from "./codec-choice.ts";
import type { SendCodec } from "./encodings.ts";
import { sendCodecOf } from "./encodings.ts";
import { LocalStreams } from "./local-streams.ts";
import { isDisconnected, MediaTransport } from "./media-transport.ts";
import { RemoteStreams } from "./remote-streams.ts";
import { sealableCapabilities } from "./sealable-capabilities.ts";
import type { VideoCodec } from "./video-codec.ts";
import { DEFAULT_CODEC, videoCodecsOf } from "./video-codec.ts";

export interface MediaSessionEvents {
  /** Whether media flows on both transports, as far as there is any. */
  "media:changed": undefined;
  "media:failed": CallError;
}

export interface MediaSessionOptions {
  readonly connection: SignalingConnection;
  readonly transforms: TransformHost;
  readonly clock: Clock;
  /** Whether packets of sound tell the server how loud they are. */
  readonly audioLevels: boolean;
}

const DIRECTIONS: readonly TransportDirection[] = ["send", "receive"];
const SIDES = { send: "local", receive: "remote" } as const;
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
  /** Which codec is sent, now that it is known who receives it. */
  readonly codecs: CodecChoice;
  /** Holds from `start` on, where this browser can send it sealed. */
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
    this.codecs = new CodecChoice(options.clock);
    this.codecs.events.on("codec:chosen", () => {
      this.#changeCodec();
    });
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

  /**
   * All statistics of what others send. Undefined while the way for it is not open: a peer that is
   * being set up holds up whoever asks it, and the page with it.
   */
  async receivedReport(): Promise<Iterable<unknown> | undefined> {
    const transport = this.#transports.get("receive");
    if (transport?.connected !== true) return undefined;
    return new Map<string, unknown>(await transport.peer.getStats()).values();
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

  /** What video this browser can receive here. Rejects as `prepare` does. */
  async receivable(): Promise<VideoCodec[]> {
    await this.prepare();
    return this.#device === undefined ? [] : videoCodecsOf(this.#device.recvRtpCapabilities);
  }

  /**
   * Opens both transports. What the server cannot give now is asked for again, until it can.
   * Resolves when the streams of the others are asked for; `sending` does when the own ones are on
   * their way. Rejects as `prepare` does.
   */
  async start(): Promise<{ readonly sending: Promise<void> }> {
    await this.prepare();
    this.#scope.assertOpen();
    const preferred = this.#device && sendCodecOf(this.#device, this.preferredCodec);
    this.codecs.prefer(preferred?.name ?? DEFAULT_CODEC);
    const sending = this.#reopen("send");
    await this.#reopen("receive");
    return { sending };
  }

  /** The server knows nothing of this stay any more: what there was is given up. `resync` follows. */
  forget(): void {
    for (const direction of DIRECTIONS) this.#discard(direction);
  }

  /**
   * After a lost connection. With `resumed` the server kept this stay's transports; else they are
   * all made anew.
   */
  async resync(resumed: boolean): Promise<void> {
    if (!resumed) {
      this.forget();
      await Promise.all(DIRECTIONS.map((direction) => this.#reopen(direction)));
      return;
    }
    await Promise.all(
      DIRECTIONS.filter((direction) => !this.#transports.has(direction)).map((direction) =>
        this.#reopen(direction),
      ),
    );
    for (const transport of this.#transports.values()) transport.resume();
    this.remote.resync();
    await this.local.resync();
  }

  /** Transports that stand are made anew: what they have told of this device can't be taken back. */
  async setIceTransportPolicy(policy: RTCIceTransportPolicy): Promise<void> {
    if (policy === this.iceTransportPolicy) return;
    this.iceTransportPolicy = policy;
    await Promise.allSettled(this.#opening.values());
    await Promise.all(DIRECTIONS.map((direction) => this.#renew(direction)));
  }

  close(reason: string): void {
    if (this.#scope.ended) return;
    this.codecs.close();
    this.local.close(reason);
    this.remote.close(reason);
    this.forget();
    this.#scope.end(reason);
    this.events.removeAllListeners();
  }

  async #loadDevice(): Promise<void> {
    const [device, { routerRtpCapabilities }] = await Promise.all([
      createBrowserDevice(),
      this.#options.connection.request("server:capabilities", {}),
    ]);
    const known = sealableCapabilities(routerRtpCapabilities, this.#options);
    await device.load({ routerRtpCapabilities: known }).catch(asUnsupported);
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
    const isFirst = this.#awaited.delete(direction);
    let wasInterrupted = false;
    transport.events.on("media:connected", (connected) => {
      if (!connected && transport.interrupted) this.#edge.interrupted();
      // What was lost meanwhile has left pictures that only a whole one mends.
      if (connected && wasInterrupted) this[SIDES[direction]].requestKeyFrames();
      wasInterrupted = transport.interrupted;
      this.events.emit("media:changed", undefined);
    });
    transport.events.on("transport:lost", () => {
      this.#onLost(transport.id);
    });
    transport.events.on("transport:outdated", () => void this.#renew(direction));
    if (direction === "receive") this.remote.attach(transport, device);
    else await this.#send(transport, device, isFirst);
  }

  /**
   * Who enters sees the others first: what is received is negotiated before encoders begin, which
   * take what the processor has. Who comes back is missed, and sends at once.
   */
  async #send(transport: MediaTransport, device: types.Device, isFirst: boolean): Promise<void> {
    if (isFirst) {
      await this.#opening.get("receive")?.catch(() => undefined);
      await this.remote.settled();
    }
    if (this.#transports.get("send") !== transport) return;
    await this.local.attach(transport, this.#codecFor(device));
  }

  #codecFor(device: types.Device): SendCodec | "undecided" | undefined {
    const { current } = this.codecs;
    return current === undefined ? "undecided" : sendCodecOf(device, current);
  }

  #changeCodec(): void {
    const device = this.#device;
    const codec = device && this.#codecFor(device);
    if (codec === undefined || codec === "undecided") return;
    this.local.useCodec(codec).catch(() => {
      if (this.#scope.ended) return;
      // What could not be changed is sent anew, on a transport that is new as well.
      this.#discard("send");
      void this.#reopen("send");
    });
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
      if (error instanceof CallError) {
        this.events.emit("media:failed", error);
        return;
      }
      this.#awaited.delete(direction);
      this.events.emit("media:changed", undefined);
      this.#scope.after(REBUILD_RETRY_MS, () => {
        if (!this.#transports.has(direction)) void this.#reopen(direction);
      });
    }
  }

  async #renew(direction: TransportDirection): Promise<void> {
    const transportId = this.#transports.get(direction)?.id;
    if (transportId === undefined) return;
    this.#discard(direction);
    // If it can't be said, the connection is lost, and all is made anew when it is back.
    await this.#options.connection
      .request("transport:close", { transportId })
      .catch(() => undefined);
    if (!this.#scope.ended) await this.#reopen(direction);
  }

  #discard(direction: TransportDirection): void {
    const transport = this.#transports.get(direction);
    if (transport === undefined) return;
    this.#transports.delete(direction);
    // First, so that what ends with it is not negotiated any more.
    transport.close();
    if (direction === "send") this.local.detach();
    else this.remote.detach();
  }
}

function asUnsupported(error: unknown): never {
  throw new CallError("unsupported", { cause: error });
}
