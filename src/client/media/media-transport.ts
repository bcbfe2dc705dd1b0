import type { types } from "mediasoup-client";
import type { Clock } from "../../lib/clock.ts";
import type {
  IceServer,
  RegionName,
  TransportDirection,
  TransportId,
} from "../../protocol/index.ts";
import type { SignalingConnection } from "../connection/signaling-connection.ts";
import type { EdgeChoice } from "../edge/edge-choice.ts";
import type { RelayedTransport } from "../edge/relay-watch.ts";
import type { TransportPath } from "../edge/transport-path.ts";
import type { z } from "zod";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import { dtlsParameters, mediaSource, ProtocolError, rtpParameters } from "../../protocol/index.ts";
import { CallError } from "../call-error.ts";
import { pathOf } from "../edge/transport-path.ts";

export interface MediaTransportEvents {
  /** Whether media can flow, each time that this changes. */
  "media:connected": boolean;
  /** The server has no such transport any more: make a new one. */
  "transport:lost": undefined;
  /** This browser can't bring it to the region that is chosen now: close it and make a new one. */
  "transport:outdated": undefined;
}

export interface MediaTransportOptions {
  readonly connection: SignalingConnection;
  readonly device: types.Device;
  readonly direction: TransportDirection;
  readonly clock: Clock;
  readonly iceTransportPolicy: RTCIceTransportPolicy;
  /** Tells through which region. */
  readonly edges: EdgeChoice;
}

/** How long a break may last before ICE is restarted: shorter ones often mend themselves. */
const DISCONNECTED_GRACE_MS = 1_000;
const RETRY_MS = 3_000;
/** Who wants nothing but a relay waits so long for it to be known which one is nearest. */
const REGION_PATIENCE_MS = 700;

/**
 * With this setting a sender or receiver that has no transform passes no media at all, so that a
 * missing transform can never mean plaintext. Browsers that do not know it apply late transforms.
 */
const SEALED_ONLY: RTCConfiguration & { encodedInsertableStreams: boolean } = {
  encodedInsertableStreams: true,
  bundlePolicy: "max-bundle",
};

/** One WebRTC transport to the SFU, with ICE restarted when the network changes or fails. */
export class MediaTransport implements RelayedTransport {
  readonly events = new Emitter<MediaTransportEvents>();
  readonly id: TransportId;
  readonly peer: types.Transport;
  readonly #options: MediaTransportOptions;
  readonly #scope: Scope;
  #restarting = false;
  #restartWanted = false;
  /** A restart that could not be asked for without a connection. */
  #restartOwed = false;
  #wasConnected = false;
  #strandedSinceMs: number | undefined;
  /** Whose relays it knows. */
  #region: RegionName | undefined;

  /** Rejects with the server's `ProtocolError`, or with `CallError` (`no-relay`). */
  static async open(options: MediaTransportOptions): Promise<MediaTransport> {
    const { connection, device, direction, edges, iceTransportPolicy } = options;
    if (iceTransportPolicy === "relay") await edges.settled(REGION_PATIENCE_MS);
    const region = edges.current;
    const { transport, iceServers } = await connection.request("transport:create", {
      direction,
      ...wish(region),
    });
    if (iceTransportPolicy === "relay" && iceServers.length === 0) throw new CallError("no-relay");
    const { transportId, ...description } = transport;
    const init: types.TransportOptions = {
      ...description,
      id: transportId,
      iceServers,
      iceTransportPolicy,
      additionalSettings: SEALED_ONLY,
    };
    const peer =
      direction === "send" ? device.createSendTransport(init) : device.createRecvTransport(init);
    return new MediaTransport(options, peer, region);
  }

  private constructor(
    options: MediaTransportOptions,
    peer: types.Transport,
    region: RegionName | undefined,
  ) {
    this.#options = options;
    this.#region = region;
    this.#scope = new Scope("media transport", options.clock);
    this.peer = peer;
    this.id = peer.id;
    this.#listen();
  }

  get connected(): boolean {
    return this.peer.connectionState === "connected";
  }

  /** True when media has flowed and doesn't now, or can't begin to. Connecting at first is neither. */
  get interrupted(): boolean {
    const { connectionState } = this.peer;
    if (connectionState === "connected" || connectionState === "new") return false;
    return this.#wasConnected || connectionState !== "connecting";
  }

  get relayOnly(): boolean {
    return this.#options.iceTransportPolicy === "relay";
  }

  get strandedMs(): number {
    const since = this.#strandedSinceMs;
    return since === undefined ? 0 : this.#options.clock.now() - since;
  }

  async path(): Promise<TransportPath | undefined> {
    // A peer that is being set up holds up whoever asks it, and the page with it.
    if (this.#scope.ended || !this.#wasConnected) return undefined;
    let release = () => {};
    // A browser may never answer for a peer that is closed meanwhile.
    const closed = new Promise<undefined>((resolve) => {
      release = this.#scope.add(() => {
        resolve(undefined);
      });
    });
    const report = await Promise.race([this.peer.getStats().catch(() => undefined), closed]);
    release();
    return report === undefined ? undefined : pathOf(report);
  }

  /** The connection is back: what it was needed for is made up for. */
  resume(): void {
    if (this.#restartOwed || !this.connected) void this.restartIce();
  }

  /**
   * New candidates, for a network or a region that has changed. Does nothing before the first
   * connection is begun; asked for while it goes on, it is done once more.
   */
  async restartIce(): Promise<void> {
    if (this.#scope.ended || this.peer.connectionState === "new") return;
    this.#restartWanted = true;
    if (this.#restarting) return;
    this.#restarting = true;
    try {
      // One after the other: each takes the region that is chosen then.
      while (this.#restartWanted) {
        this.#restartWanted = false;
        this.#restartOwed = false;
        await this.#restartOnce();
      }
    } finally {
      this.#restarting = false;
    }
  }

  close(): void {
    if (!this.#scope.end("closed")) return;
    this.events.removeAllListeners();
    this.peer.close();
  }

  async #restartOnce(): Promise<void> {
    const { connection, edges } = this.#options;
    const region = edges.current;
    try {
      const input = { transportId: this.id, ...wish(region) };
      const { iceServers, iceParameters } = await connection.request(
        "transport:restart-ice",
        input,
      );
      if (this.#scope.ended) return;
      if (!(await this.#learnServers(iceServers, region))) return;
      await this.peer.restartIce({ iceParameters });
      this.#scope.after(RETRY_MS, () => {
        if (!this.connected) void this.restartIce();
      });
    } catch (error) {
      if (error instanceof ProtocolError && error.code === "transport-not-found") {
        this.events.emit("transport:lost", undefined);
      } else if (connection.connected && !isDisconnected(error)) {
        this.#scope.after(RETRY_MS, () => void this.restartIce());
      } else {
        this.#restartOwed = true;
      }
    }
  }

  /** False where a new transport is needed for that. */
  async #learnServers(iceServers: IceServer[], region: RegionName | undefined): Promise<boolean> {
    try {
      await this.peer.updateIceServers({ iceServers });
      this.#region = region;
      return true;
    } catch (error) {
      // The media library refuses this for Firefox, where the former servers have to do.
      if (!(error instanceof Error && error.name === "UnsupportedError")) throw error;
      if (this.#region === region) return true;
      this.events.emit("transport:outdated", undefined);
      return false;
    }
  }

  #listen(): void {
    const { connection } = this.#options;
    this.peer.on("connect", (parameters, done, failed) => {
      const input = {
        transportId: this.id,
        dtlsParameters: toWire(dtlsParameters, parameters.dtlsParameters),
      };
      connection.request("transport:connect", input).then(done, failed);
    });
    this.peer.on("produce", (parameters, done, failed) => {
      const input = {
        transportId: this.id,
        source: mediaSource.parse(parameters.appData["source"]),
        rtpParameters: toWire(rtpParameters, parameters.rtpParameters),
        paused: parameters.appData["muted"] === true,
      };
      connection.request("producer:create", input).then(({ producerId }) => {
        done({ id: producerId });
      }, failed);
    });
    this.peer.on("connectionstatechange", (state) => {
      this.#onState(state);
    });
  }

  #onState(state: types.ConnectionState): void {
    if (this.#scope.ended) return;
    if (state === "connected") this.#wasConnected = true;
    this.#strandedSinceMs =
      state === "connected" ? undefined : (this.#strandedSinceMs ?? this.#options.clock.now());
    this.events.emit("media:connected", state === "connected");
    if (state === "failed") void this.restartIce();
    if (state === "disconnected") {
      this.#scope.after(DISCONNECTED_GRACE_MS, () => {
        if (this.peer.connectionState === "disconnected") void this.restartIce();
      });
    }
  }
}

export function isDisconnected(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === "disconnected";
}

/** Without a region it is left to the server, which has one of its own. */
function wish(region: RegionName | undefined): { region?: RegionName } {
  return region === undefined ? {} : { region };
}

/** The media library's own objects, as the contract wants them: no keys without a value. */
export function toWire<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  return schema.parse(JSON.parse(JSON.stringify(value)));
}
