import type { types } from "mediasoup-client";
import type { Clock } from "../../lib/clock.ts";
import type { TransportDirection, TransportId } from "../../protocol/index.ts";
import type { SignalingConnection } from "../connection/signaling-connection.ts";
import type { z } from "zod";
import { Emitter } from "../../lib/emitter.ts";
import { Scope } from "../../lib/scope.ts";
import { dtlsParameters, mediaSource, ProtocolError, rtpParameters } from "../../protocol/index.ts";

export interface MediaTransportEvents {
  /** Whether media can flow, each time that this changes. */
  "media:connected": boolean;
  /** The server has no such transport any more: make a new one. */
  "transport:lost": undefined;
}

export interface MediaTransportOptions {
  readonly connection: SignalingConnection;
  readonly device: types.Device;
  readonly direction: TransportDirection;
  readonly clock: Clock;
  readonly iceTransportPolicy: RTCIceTransportPolicy;
}

/** How long a break may last before ICE is restarted: shorter ones often mend themselves. */
const DISCONNECTED_GRACE_MS = 1_000;
const RETRY_MS = 3_000;

/**
 * With this setting a sender or receiver that has no transform passes no media at all, so that a
 * missing transform can never mean plaintext. Browsers that do not know it apply late transforms.
 */
const SEALED_ONLY: RTCConfiguration & { encodedInsertableStreams: boolean } = {
  encodedInsertableStreams: true,
  bundlePolicy: "max-bundle",
};

/** One WebRTC transport to the SFU, with ICE restarted when the network changes or fails. */
export class MediaTransport {
  readonly events = new Emitter<MediaTransportEvents>();
  readonly id: TransportId;
  readonly peer: types.Transport;
  readonly #options: MediaTransportOptions;
  readonly #scope: Scope;
  #restarting = false;
  #wasConnected = false;

  /** Rejects with the server's `ProtocolError`. */
  static async open(options: MediaTransportOptions): Promise<MediaTransport> {
    const { connection, device, direction, iceTransportPolicy } = options;
    const { transport, iceServers } = await connection.request("transport:create", { direction });
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
    return new MediaTransport(options, peer);
  }

  private constructor(options: MediaTransportOptions, peer: types.Transport) {
    this.#options = options;
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

  /** New candidates for a network that has changed. Does nothing before the first connection. */
  async restartIce(): Promise<void> {
    if (this.#scope.ended || this.#restarting || this.peer.connectionState === "new") return;
    this.#restarting = true;
    try {
      const { connection } = this.#options;
      const answer = await connection.request("transport:restart-ice", { transportId: this.id });
      if (this.#scope.ended) return;
      await this.peer.updateIceServers({ iceServers: answer.iceServers });
      await this.peer.restartIce({ iceParameters: answer.iceParameters });
      this.#scope.after(RETRY_MS, () => {
        if (!this.connected) void this.restartIce();
      });
    } catch (error) {
      if (error instanceof ProtocolError && error.code === "transport-not-found") {
        this.events.emit("transport:lost", undefined);
      } else if (this.#options.connection.connected) {
        this.#scope.after(RETRY_MS, () => void this.restartIce());
      }
      // Without a connection the return of it leads here again.
    } finally {
      this.#restarting = false;
    }
  }

  close(): void {
    if (!this.#scope.end("closed")) return;
    this.events.removeAllListeners();
    this.peer.close();
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
    this.events.emit("media:connected", state === "connected");
    if (state === "failed") void this.restartIce();
    if (state === "disconnected") {
      this.#scope.after(DISCONNECTED_GRACE_MS, () => {
        if (this.peer.connectionState === "disconnected") void this.restartIce();
      });
    }
  }
}

/** The media library's own objects, as the contract wants them: no keys without a value. */
export function toWire<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  return schema.parse(JSON.parse(JSON.stringify(value)));
}
