import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { DEFAULT_CIPHER_SUITE } from "../../src/e2ee/frame/index.ts";
import { deriveFrameSecrets } from "../../src/e2ee/frame/key-schedule.ts";
import { encodeKeyId } from "../../src/e2ee/frame/key-id.ts";
import { contextOf } from "../../src/e2ee/frame/media-source.ts";
import type {
  IceCandidate,
  IceServer,
  MediaSource,
  RtpParameters,
  TransportDirection,
} from "../../src/protocol/index.ts";
import type { Sfu } from "../../src/sfu/index.ts";
import type { EngineProgram } from "../../loadtest/engine/engine-process.ts";
import type {
  EngineStats,
  FrameKey,
  MediaEngine,
  ReceivedStream,
  SentStream,
  TransportState,
} from "../../loadtest/engine/media-engine.ts";
import type { LossyUdp } from "./lossy-udp.ts";
import { randomId } from "./sfu-lab.ts";

const EXTENSIONS = { mid: 1, absSendTime: 4, transportCc: 5, audioLevel: 6 } as const;
const URIS = {
  mid: "urn:ietf:params:rtp-hdrext:sdes:mid",
  absSendTime: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
  transportCc: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  audioLevel: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
} as const;
const LAYERS = 3;
const TIMEOUT_MS = 20_000;

let lastSsrc = 100_000;

export const mediaFolder = fileURLToPath(new URL("../../loadtest/media", import.meta.url));

/** Where the set-up of the tests put the native engine. */
export function nativeProgram(): EngineProgram {
  const program = process.env["APARTE_LOAD_ENGINE"];
  if (program === undefined) throw new Error("APARTE_LOAD_ENGINE is not set");
  return [program];
}

/** The key of one stream of one leaf, as a group would derive it from its epoch's secret. */
export function labKey(
  secret: Uint8Array,
  leaf: number,
  epoch: number,
  source: MediaSource,
): FrameKey {
  const keyId = encodeKeyId(contextOf(source), leaf, epoch);
  const { key, salt } = deriveFrameSecrets(DEFAULT_CIPHER_SUITE, keyId, secret);
  const encoded = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
  return { keyId, suite: 5, key: encoded(key), salt: encoded(salt), source };
}

/** A sent stream of one source, and what the SFU is told of it. */
export function labStream(
  participant: string,
  source: "microphone" | "camera",
  phase = 0,
): { readonly stream: SentStream; readonly rtpParameters: RtpParameters } {
  lastSsrc += 10;
  const isVideo = source === "camera";
  const ssrcs = Array.from({ length: isVideo ? LAYERS : 1 }, (_, layer) => lastSsrc + 2 * layer);
  const encodings = ssrcs.map((ssrc) => (isVideo ? { ssrc, rtxSsrc: ssrc + 1 } : { ssrc }));
  const stream: SentStream = {
    participant,
    stream: source,
    source,
    media: isVideo ? "camera" : "voice",
    mid: isVideo ? "1" : "0",
    cname: participant,
    payloadType: isVideo ? 96 : 111,
    ...(isVideo ? { rtxPayloadType: 97 } : {}),
    clockRate: isVideo ? 90_000 : 48_000,
    headerExtensions: EXTENSIONS,
    encodings: encodings.map((encoding, layer) => ({ layer, active: true, ...encoding })),
    active: true,
    audioLevelDbov: 30,
    phase,
  };
  return { stream, rtpParameters: isVideo ? videoParameters(stream) : audioParameters(stream) };
}

function audioParameters(stream: SentStream): RtpParameters {
  const { payloadType, clockRate } = stream;
  return {
    ...sharedParameters(stream),
    codecs: [{ mimeType: "audio/opus", payloadType, clockRate, channels: 2 }],
    encodings: stream.encodings.map(({ ssrc }) => ({ ssrc, dtx: false })),
  };
}

function videoParameters(stream: SentStream): RtpParameters {
  const { payloadType, rtxPayloadType = 0, clockRate } = stream;
  const feedback = [{ type: "nack" }, { type: "nack", parameter: "pli" }, { type: "transport-cc" }];
  const apt = { apt: payloadType };
  return {
    ...sharedParameters(stream),
    codecs: [
      { mimeType: "video/VP8", payloadType, clockRate, rtcpFeedback: feedback },
      { mimeType: "video/rtx", payloadType: rtxPayloadType, clockRate, parameters: apt },
    ],
    encodings: stream.encodings.map(({ ssrc, rtxSsrc = 0 }) => ({
      ssrc,
      rtx: { ssrc: rtxSsrc },
      scalabilityMode: "L1T1",
    })),
  };
}

function sharedParameters({ mid, cname }: SentStream) {
  const names = ["mid", "absSendTime", "transportCc", "audioLevel"] as const;
  return {
    mid,
    headerExtensions: names.map((name) => ({ uri: URIS[name], id: EXTENSIONS[name] })),
    rtcp: { cname, reducedSize: true },
  };
}

/** What a consumer's parameters say of the stream that an engine will receive. */
export function receivedStream(
  given: RtpParameters,
  others: Pick<ReceivedStream, "participant" | "stream" | "from" | "source" | "openShare">,
): ReceivedStream {
  const [encoding] = given.encodings;
  const [codec] = given.codecs;
  if (encoding?.ssrc === undefined || codec === undefined) throw new Error("no encoding");
  const transportCc = given.headerExtensions?.find(({ uri }) => uri === URIS.transportCc)?.id;
  return {
    ...others,
    mid: given.mid ?? "0",
    payloadType: codec.payloadType,
    clockRate: codec.clockRate,
    headerExtensions: transportCc === undefined ? {} : { transportCc },
    ssrc: encoding.ssrc,
    ...(encoding.rtx === undefined ? {} : { rtxSsrc: encoding.rtx.ssrc }),
    active: true,
  };
}

/** Resolves with the event that a transport of the participant tells next. */
export async function transportState(
  engine: MediaEngine,
  participant: string,
  direction: TransportDirection,
): Promise<TransportState> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`${participant}: no state of the ${direction} transport`));
    }, TIMEOUT_MS);
    const remove = engine.events.on("transport:state", (state) => {
      if (state.participant !== participant || state.direction !== direction) return;
      clearTimeout(timer);
      remove();
      resolve(state);
    });
  });
}

/** How a participant reaches the SFU; directly unless something is given. */
export interface EngineWay {
  /** By these alone. */
  readonly relays?: readonly IceServer[];
  readonly network?: LossyUdp;
}

/** A synthetic participant in a room of a real SFU, with keys of a group that a test makes up. */
export class EngineMember {
  readonly id = randomId();
  readonly states: TransportState[] = [];
  readonly #sfu: Sfu;
  readonly #engine: MediaEngine;
  readonly #leaf: number;
  readonly #way: EngineWay;
  #sendTransportId = "";
  #receiveTransportId = "";

  static async join(
    sfu: Sfu,
    roomId: string,
    engine: MediaEngine,
    leaf: number,
    way: EngineWay = {},
  ): Promise<EngineMember> {
    const member = new EngineMember(sfu, engine, leaf, way);
    await engine.request("participant:create", { participant: member.id });
    member.#sendTransportId = await member.#connect(roomId, "send");
    member.#receiveTransportId = await member.#connect(roomId, "receive");
    return member;
  }

  constructor(sfu: Sfu, engine: MediaEngine, leaf: number, way: EngineWay) {
    this.#sfu = sfu;
    this.#engine = engine;
    this.#leaf = leaf;
    this.#way = way;
  }

  async seal(secret: Uint8Array, epoch: number): Promise<void> {
    const sources = ["microphone", "camera"] as const;
    const sending = sources.map((source) => labKey(secret, this.#leaf, epoch, source));
    await this.#engine.request("keys:set", { participant: this.id, sending, receiving: [] });
  }

  /** Lets this one open what `sender` seals. */
  async trust(sender: EngineMember, secret: Uint8Array, epoch: number): Promise<void> {
    const sources = ["microphone", "camera"] as const;
    const receiving = sources.map((source) => ({
      ...labKey(secret, sender.#leaf, epoch, source),
      from: sender.id,
    }));
    await this.#engine.request("keys:set", { participant: this.id, sending: [], receiving });
  }

  /** Resolves with the producer's id. */
  async send(source: "microphone" | "camera"): Promise<string> {
    const { stream, rtpParameters } = labStream(this.id, source);
    const transportId = this.#sendTransportId;
    const created = { transportId, source, rtpParameters, paused: false };
    const { producerId } = await this.#sfu.createProducer(created);
    await this.#engine.request("stream:send", stream);
    return producerId;
  }

  /** Resolves with the consumer's id. */
  async receive(
    sender: EngineMember,
    source: MediaSource,
    producerId: string,
    openShare = 1,
  ): Promise<string> {
    const rtpCapabilities = await this.#sfu.routerRtpCapabilities();
    const transportId = this.#receiveTransportId;
    const consumer = await this.#sfu.createConsumer({ transportId, producerId, rtpCapabilities });
    const others = { participant: this.id, stream: producerId, from: sender.id, source, openShare };
    await this.#engine.request("stream:receive", receivedStream(consumer.rtpParameters, others));
    await this.#sfu.setConsumerPaused({ consumerId: consumer.consumerId, paused: false });
    return consumer.consumerId;
  }

  async #connect(roomId: string, direction: TransportDirection): Promise<string> {
    const description = await this.#sfu.createTransport({
      roomId,
      participantId: this.id,
      direction,
    });
    const { transportId, iceParameters, dtlsParameters } = description;
    const iceCandidates = await this.#candidates(description.iceCandidates);
    const ref = { participant: this.id, direction };
    const iceServers = this.#way.relays ?? [];
    const created = { ...ref, iceServers, relayOnly: iceServers.length > 0 };
    const own = await this.#engine.request("transport:create", created);
    await this.#sfu.connectTransport({ transportId, dtlsParameters: own.dtlsParameters });
    const told = transportState(this.#engine, this.id, direction);
    const peer = { iceParameters, iceCandidates, dtlsParameters };
    await this.#engine.request("transport:start", { ...ref, ...peer });
    this.states.push(await told);
    return transportId;
  }

  async #candidates(given: readonly IceCandidate[]): Promise<IceCandidate[]> {
    const { network } = this.#way;
    if (network === undefined) return [...given];
    const ofUdp = given.filter(({ protocol }) => protocol === "udp");
    return Promise.all(
      ofUdp.map(async (candidate) => ({
        ...candidate,
        port: await network.portFor(candidate.port),
      })),
    );
  }
}

/** Adds up what `stats:take` tells until `isEnough`; rejects when that takes too long. */
export async function statsUntil(
  engine: MediaEngine,
  what: string,
  isEnough: (seen: readonly EngineStats[]) => boolean,
): Promise<readonly EngineStats[]> {
  const seen: EngineStats[] = [];
  const deadlineMs = Date.now() + TIMEOUT_MS;
  for (;;) {
    seen.push(await engine.request("stats:take", {}));
    if (isEnough(seen)) return seen;
    if (Date.now() > deadlineMs) {
      throw new Error(`not within ${TIMEOUT_MS} ms: ${what}; ${JSON.stringify(seen.at(-1))}`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}

/** A secret from which the keys of one made-up epoch come. */
export function epochSecret(): Uint8Array {
  return randomBytes(DEFAULT_CIPHER_SUITE.keyBytes);
}
