import { randomBytes } from "node:crypto";
import { toBase64Url } from "../../src/lib/base64url.ts";
import type {
  DtlsParameters,
  RtpCapabilities,
  RtpParameters,
  TransportDescription,
} from "../../src/protocol/index.ts";
import type { SfuOptions } from "../../src/sfu/index.ts";
import { Sfu } from "../../src/sfu/index.ts";

/** Real workers on loopback, on free ports; a room spreads over both from its second participant. */
export async function startSfu(options: Partial<SfuOptions> = {}): Promise<Sfu> {
  return Sfu.create({
    workerCount: 2,
    listen: [{ ip: "127.0.0.1" }],
    port: 0,
    spreadThreshold: 0,
    ...options,
  });
}

/** A room or participant id as clients make them. */
export function randomId(): string {
  return toBase64Url(randomBytes(16));
}

/** Resolves when `condition` holds; rejects with `what` when it has not within `timeoutMs`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

let nextSsrc = 1_000;

/** What mediasoup-client makes of a microphone in Chromium. */
export function microphoneParameters(): RtpParameters {
  const ssrc = (nextSsrc += 10);
  return {
    mid: String(ssrc),
    msid: "stream track",
    codecs: [
      {
        mimeType: "audio/opus",
        payloadType: 111,
        clockRate: 48_000,
        channels: 2,
        parameters: { minptime: 10, useinbandfec: 1 },
        rtcpFeedback: [{ type: "transport-cc", parameter: "" }],
      },
    ],
    headerExtensions: [
      { uri: "urn:ietf:params:rtp-hdrext:sdes:mid", id: 4, encrypt: false, parameters: {} },
      { uri: "urn:ietf:params:rtp-hdrext:ssrc-audio-level", id: 1, encrypt: false, parameters: {} },
    ],
    encodings: [{ ssrc, dtx: false }],
    rtcp: { cname: "by-the-client", reducedSize: true },
  };
}

/** What mediasoup-client makes of a camera with three simulcast layers in Chromium. */
export function cameraParameters(): RtpParameters {
  nextSsrc += 10;
  return {
    mid: String(nextSsrc),
    msid: "stream track",
    codecs: [
      {
        mimeType: "video/VP8",
        payloadType: 96,
        clockRate: 90_000,
        parameters: {},
        rtcpFeedback: [
          { type: "goog-remb", parameter: "" },
          { type: "transport-cc", parameter: "" },
          { type: "ccm", parameter: "fir" },
          { type: "nack", parameter: "" },
          { type: "nack", parameter: "pli" },
        ],
      },
      {
        mimeType: "video/rtx",
        payloadType: 97,
        clockRate: 90_000,
        parameters: { apt: 96 },
        rtcpFeedback: [],
      },
    ],
    headerExtensions: [
      { uri: "urn:ietf:params:rtp-hdrext:sdes:mid", id: 4, encrypt: false, parameters: {} },
      {
        uri: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
        id: 10,
        encrypt: false,
        parameters: {},
      },
    ],
    encodings: [
      { active: true, rid: "r0", scalabilityMode: "L1T3", maxBitrate: 150_000, dtx: false },
      { active: true, rid: "r1", scalabilityMode: "L1T3", maxBitrate: 500_000, dtx: false },
      { active: true, rid: "r2", scalabilityMode: "L1T3", maxBitrate: 1_500_000, dtx: false },
    ],
    rtcp: { cname: "by-the-client", reducedSize: true },
  };
}

/** A certificate's hash that belongs to nobody: enough to be accepted, not to connect. */
export function dtlsParameters(): DtlsParameters {
  const value = [...randomBytes(32)].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  return { role: "client", fingerprints: [{ algorithm: "sha-256", value }] };
}

export interface LabParticipant {
  readonly roomId: string;
  readonly participantId: string;
  readonly send: TransportDescription;
  readonly receive: TransportDescription;
  /** Resolves with the new consumer's id. */
  consume(producerId: string): Promise<string>;
  produce(source: "microphone" | "camera"): Promise<string>;
  leave(): Promise<void>;
}

/** Somebody in a room, with a transport for each direction, who sends no real media. */
export async function joinSfu(sfu: Sfu, roomId: string): Promise<LabParticipant> {
  const participantId = randomId();
  const rtpCapabilities: RtpCapabilities = await sfu.routerRtpCapabilities();
  const [send, receive] = await Promise.all([
    sfu.createTransport({ roomId, participantId, direction: "send" }),
    sfu.createTransport({ roomId, participantId, direction: "receive" }),
  ]);
  return {
    roomId,
    participantId,
    send,
    receive,
    async consume(producerId) {
      const { transportId } = receive;
      const consumer = await sfu.createConsumer({ transportId, producerId, rtpCapabilities });
      return consumer.consumerId;
    },
    async produce(source) {
      const { producerId } = await sfu.createProducer({
        transportId: send.transportId,
        source,
        rtpParameters: source === "camera" ? cameraParameters() : microphoneParameters(),
        paused: false,
      });
      return producerId;
    },
    async leave() {
      await sfu.closeTransport({ transportId: send.transportId });
      await sfu.closeTransport({ transportId: receive.transportId });
    },
  };
}
