import type { TransportDescription, TransportDirection } from "../../protocol/index.ts";
import type { SignalingConnection } from "../connection/signaling-connection.ts";
import { ProtocolError } from "../../protocol/index.ts";
import { selectedPair } from "../edge/transport-path.ts";
import { delay } from "./delay.ts";
import { answerTo, dtlsParametersOf } from "./session-description.ts";

/** One way for media: straight to the SFU over one protocol, or through one relay. */
export type MediaWay =
  | { readonly kind: "direct"; readonly protocol: "udp" | "tcp" }
  | { readonly kind: "relay"; readonly server: RTCIceServer };

export interface MediaProbeOptions {
  readonly connection: SignalingConnection;
  /** A participant has one transport each way, so that two probes fit beside each other. */
  readonly direction: TransportDirection;
  readonly way: MediaWay;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type MediaProbeResult =
  | { readonly ok: true; readonly roundTripMs: number | undefined; readonly bytesBack: number }
  | { readonly ok: false; readonly gathered: boolean; readonly place: string | undefined };

/** The first answers to ICE's questions are late by what the browser does meanwhile. */
const settleMs = 600;

/**
 * Connects to the SFU by one way and by no other, as media would: questions and answers of ICE, then
 * a DTLS handshake, some kilobytes of it in each direction. Rejects with the server's
 * `ProtocolError`, and when `signal` ends it.
 */
export async function probeMedia(options: MediaProbeOptions): Promise<MediaProbeResult> {
  const { connection, direction, way, signal } = options;
  const { transport } = await connection.request("transport:create", { direction });
  const peer = new RTCPeerConnection(configurationFor(way));
  try {
    signal.throwIfAborted();
    return await connect(peer, only(way, transport), options);
  } finally {
    peer.close();
    // The stay ends soon after; a transport that is gone already is as well.
    await connection
      .request("transport:close", { transportId: transport.transportId })
      .catch((error: unknown) => {
        if (!(error instanceof ProtocolError)) throw error;
      });
  }
}

async function connect(
  peer: RTCPeerConnection,
  transport: TransportDescription,
  { connection, way, timeoutMs, signal }: MediaProbeOptions,
): Promise<MediaProbeResult> {
  let gathered = false;
  const fruitless = new Promise<void>((resolve) => {
    peer.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate !== null && candidate.candidate !== "") gathered = true;
    });
    peer.addEventListener("icegatheringstatechange", () => {
      // Without an address of the relay there is nothing to wait for.
      const isOver = peer.iceGatheringState === "complete";
      if (isOver && !gathered && way.kind === "relay") resolve();
    });
  });
  peer.createDataChannel("diagnosis");
  await peer.setLocalDescription();
  const offer = peer.localDescription?.sdp ?? "";
  await connection.request("transport:connect", {
    transportId: transport.transportId,
    dtlsParameters: dtlsParametersOf(offer),
  });
  await peer.setRemoteDescription({ type: "answer", sdp: answerTo(offer, transport) });
  if (!(await isConnected(peer, fruitless, timeoutMs, signal))) {
    return { ok: false, gathered, place: placeOf(transport) };
  }
  await delay(settleMs, signal);
  const report = await peer.getStats();
  const seconds = selectedPair(report)?.["currentRoundTripTime"];
  return {
    ok: true,
    roundTripMs: typeof seconds === "number" ? seconds * 1_000 : undefined,
    bytesBack: bytesReceived(report),
  };
}

/** Of the transport as a whole, since over TCP the pair in use may be a new one; Firefox has only pairs. */
function bytesReceived(report: RTCStatsReport): number {
  const counts = { transport: 0, pairs: 0 };
  report.forEach((entry: Readonly<Record<string, unknown>>) => {
    const bytes = entry["bytesReceived"];
    if (typeof bytes !== "number") return;
    if (entry["type"] === "transport") counts.transport += bytes;
    if (entry["type"] === "candidate-pair") counts.pairs += bytes;
  });
  return counts.transport || counts.pairs;
}

/** Connected means that DTLS has come to an end, and so that data went there and back. */
async function isConnected(
  peer: RTCPeerConnection,
  fruitless: Promise<void>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const enough = new AbortController();
  const patience = delay(timeoutMs, AbortSignal.any([signal, enough.signal]));
  const settled = new Promise<void>((resolve) => {
    const look = () => {
      if (["connected", "failed", "closed"].includes(peer.connectionState)) resolve();
    };
    peer.addEventListener("connectionstatechange", look);
    look();
  });
  await Promise.race([settled, fruitless, patience]);
  enough.abort();
  signal.throwIfAborted();
  return peer.connectionState === "connected";
}

function configurationFor(way: MediaWay): RTCConfiguration {
  if (way.kind === "direct") return { iceServers: [] };
  return { iceServers: [way.server], iceTransportPolicy: "relay" };
}

/** Relays send nothing but UDP to the SFU. */
function only(way: MediaWay, transport: TransportDescription): TransportDescription {
  const protocol = way.kind === "direct" ? way.protocol : "udp";
  const iceCandidates = transport.iceCandidates.filter((each) => each.protocol === protocol);
  return { ...transport, iceCandidates };
}

function placeOf({ iceCandidates: [first] }: TransportDescription): string | undefined {
  if (first === undefined) return undefined;
  const { address, port } = first;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
