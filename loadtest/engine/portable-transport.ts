import datachannel from "node-datachannel";
import type { PeerConnection, Track } from "node-datachannel";
import type { DtlsParameters, IceServer } from "../../src/protocol/index.ts";
import { EngineError } from "./engine-error.ts";
import type { TransportCreate, TransportStart, TransportState } from "./media-engine.ts";

export interface PortableTransportListener {
  state(state: TransportState): void;
  packet(packet: Buffer): void;
}

/** A session description needs one codec; what is really sent and received is not its business. */
const ANY_PAYLOAD_TYPE = 96;
const MID = "0";

/**
 * ICE and DTLS-SRTP by libdatachannel, with one media line: with a single one it hands over every
 * packet of the transport as it is, RTCP included, whatever its SSRC.
 */
export class PortableTransport {
  readonly #peer: PeerConnection;
  readonly #track: Track;
  readonly #ref: Pick<TransportState, "participant" | "direction">;
  readonly #listener: PortableTransportListener;
  readonly #relayOnly: boolean;
  #startedAtMs = 0;
  #iceMs: number | null = null;
  #isOpen = false;
  #isClosed = false;

  /** Throws `EngineError` (`unsupported`). */
  constructor(options: TransportCreate, listener: PortableTransportListener) {
    const { participant, direction, iceServers, relayOnly } = options;
    this.#ref = { participant, direction };
    this.#listener = listener;
    this.#relayOnly = relayOnly;
    const urls = iceServers.flatMap(urlsOf);
    if (relayOnly && !urls.some((url) => url.startsWith("turn:"))) {
      throw new EngineError(
        "unsupported",
        "iceServers: no TURN server over UDP, and others aren't known",
      );
    }
    this.#peer = new datachannel.PeerConnection(participant, {
      iceServers: urls,
      iceTransportPolicy: relayOnly ? "relay" : "all",
      disableAutoNegotiation: true,
      forceMediaTransport: true,
    });
    const media = new datachannel.Video(MID, "SendRecv");
    media.addVP8Codec(ANY_PAYLOAD_TYPE);
    this.#track = this.#peer.addTrack(media);
    this.#track.onMessage((packet) => {
      listener.packet(packet);
    });
    this.#track.onOpen(() => {
      this.#onOpen();
    });
    this.#peer.onIceStateChange((state) => {
      if (state === "connected") this.#iceMs ??= performance.now() - this.#startedAtMs;
    });
    this.#peer.onStateChange((state) => {
      if (state === "failed") this.#fail("no connection by ICE and DTLS");
    });
    this.#peer.setLocalDescription("offer");
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get dtlsParameters(): DtlsParameters {
    const sdp = this.#peer.localDescription()?.sdp ?? "";
    const value = /^a=fingerprint:sha-256 (\S+)/m.exec(sdp)?.[1];
    if (value === undefined) throw new EngineError("failed", "there is no fingerprint");
    return { role: "client", fingerprints: [{ algorithm: "sha-256", value }] };
  }

  start(options: TransportStart): void {
    this.#startedAtMs = performance.now();
    this.#peer.setRemoteDescription(remoteDescription(options), "answer");
  }

  /** False when it could not be sent, as when the connection is gone. */
  send(packet: Buffer): boolean {
    if (!this.#isOpen) return false;
    try {
      return this.#track.sendMessageBinary(packet);
    } catch {
      // It closed on its own thread, and the event that tells of it is still on its way.
      return false;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isOpen = false;
    this.#peer.close();
  }

  #onOpen(): void {
    if (this.#isClosed) return;
    this.#isOpen = true;
    const sinceStartMs = performance.now() - this.#startedAtMs;
    this.#listener.state({
      ...this.#ref,
      state: "connected",
      iceMs: this.#iceMs,
      dtlsMs: this.#iceMs === null ? null : sinceStartMs - this.#iceMs,
      // libdatachannel doesn't tell which one was chosen.
      srtpProfile: null,
      relayed: this.#relayOnly || this.#peer.getSelectedCandidatePair()?.local.type === "relay",
    });
  }

  #fail(message: string): void {
    if (this.#isClosed) return;
    this.#isOpen = false;
    this.#listener.state({
      ...this.#ref,
      state: "failed",
      iceMs: this.#iceMs,
      dtlsMs: null,
      srtpProfile: null,
      relayed: false,
      message,
    });
  }
}

/** libdatachannel wants the secret within the URL (RFC 7065 has no place for it). */
function urlsOf({ urls, username, credential }: IceServer): string[] {
  return urls.flatMap((url) => {
    const [, scheme = "", rest = ""] = /^(stuns?|turns?):(.*)$/.exec(url) ?? [];
    // Its ICE agent relays by UDP only.
    if (scheme === "" || /transport=tcp/i.test(rest) || scheme.endsWith("s")) return [];
    if (username === undefined || credential === undefined) return [url];
    const secret = `${encodeURIComponent(username)}:${encodeURIComponent(credential)}`;
    return [`${scheme}:${secret}@${rest}`];
  });
}

function remoteDescription({
  iceParameters,
  iceCandidates,
  dtlsParameters,
}: TransportStart): string {
  const [fingerprint] = dtlsParameters.fingerprints.filter(
    ({ algorithm }) => algorithm === "sha-256",
  );
  if (fingerprint === undefined) {
    throw new EngineError("bad-input", "the server has no fingerprint by sha-256");
  }
  const candidates = iceCandidates
    .filter(({ protocol }) => protocol === "udp")
    .map(
      ({ foundation, priority, address, port, type }) =>
        `a=candidate:${foundation} 1 udp ${priority} ${address} ${port} typ ${type}`,
    );
  const lines = [
    "v=0",
    "o=- 1 1 IN IP4 0.0.0.0",
    "s=-",
    "t=0 0",
    `a=group:BUNDLE ${MID}`,
    ...(iceParameters.iceLite === true ? ["a=ice-lite"] : []),
    `a=fingerprint:sha-256 ${fingerprint.value}`,
    `m=video 9 UDP/TLS/RTP/SAVPF ${ANY_PAYLOAD_TYPE}`,
    "c=IN IP4 0.0.0.0",
    `a=mid:${MID}`,
    "a=sendrecv",
    "a=setup:passive",
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    "a=rtcp-mux",
    `a=rtpmap:${ANY_PAYLOAD_TYPE} VP8/90000`,
    ...candidates,
    "a=end-of-candidates",
  ];
  return `${lines.join("\r\n")}\r\n`;
}
