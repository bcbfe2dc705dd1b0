import type { Emitter } from "../../src/lib/emitter.ts";
import type { DtlsParameters, IceCandidate, IceParameters } from "../../src/protocol/index.ts";
import type { IceServer, MediaSource, TransportDirection } from "../../src/protocol/index.ts";
import type { HistogramData } from "../statistics/histogram.ts";

/**
 * The media side of many synthetic participants: ICE, DTLS, SRTP, pacing, sealing and counting.
 * What stands above it speaks the signaling protocol and holds the groups; an engine knows neither
 * rooms nor sockets. Each participant has at most one transport a direction.
 *
 * Everything that crosses is plain JSON, so that an engine may be another process. Over a pipe
 * each line is one JSON object:
 *
 * - request: `{"id": 7, "command": "stream:stop", "input": {…}}`
 * - answer: `{"id": 7, "data": {…}}` or `{"id": 7, "error": {"code": "…", "message": "…"}}`
 * - event: `{"event": "transport:state", "data": {…}}`
 *
 * Requests are carried out in the order in which they came. Answers may come in another order:
 * nothing waits for the network but what an event tells. The end of standard input ends the engine.
 */
export interface MediaEngine {
  readonly events: Emitter<EngineEvents>;
  /** Rejects with `EngineError`. */
  request<Name extends EngineCommandName>(
    name: Name,
    input: EngineCommands[Name]["input"],
  ): Promise<EngineCommands[Name]["output"]>;
  /** Closes every transport and frees everything. */
  close(): Promise<void>;
}

/**
 * Codes of an `EngineError`: `unknown` (no such participant or stream), `bad-input`, `unsupported`
 * (this engine can't; another one may), `failed`.
 */
export type EngineErrorCode = "unknown" | "bad-input" | "unsupported" | "failed";

export interface EngineCommands {
  /** The first request, once. */
  "engine:open": { readonly input: EngineSettings; readonly output: EngineDescription };
  /** What this machine's clock is behind the reference clock, in microseconds; 0 until told. */
  "engine:set-clock": { readonly input: { readonly offsetUs: number }; readonly output: Nothing };

  "participant:create": { readonly input: ParticipantRef; readonly output: Nothing };
  /** Closes its transports and streams, and forgets its keys. */
  "participant:close": { readonly input: ParticipantRef; readonly output: Nothing };

  /** Makes a certificate and tells its fingerprint. Nothing is sent yet. */
  "transport:create": {
    readonly input: TransportCreate;
    readonly output: {
      readonly dtlsParameters: DtlsParameters;
      /** The own ones, for servers that check too; only the native engine tells them. */
      readonly iceParameters?: IceParameters;
    };
  };
  /**
   * Begins ICE and then DTLS as its client, after the server was told the fingerprint. Answered at
   * once; `transport:state` tells what came of it.
   */
  "transport:start": { readonly input: TransportStart; readonly output: Nothing };
  /**
   * Instead of `transport:start`: waits for another engine's `transport:start`, as an SFU would, so
   * that one can be measured without the other's limits. Only the native engine does it.
   */
  "transport:accept": {
    readonly input: TransportAccept;
    readonly output: Pick<TransportStart, "iceParameters" | "iceCandidates" | "dtlsParameters">;
  };
  "transport:close": { readonly input: TransportRef; readonly output: Nothing };

  /** Begins at once if the transport is connected, else as soon as it is. */
  "stream:send": { readonly input: SentStream; readonly output: Nothing };
  /**
   * Lets the packets of a sent stream leave by the transport of participant `to`, too, which is
   * connected: as an SFU forwards them. They are sealed once. Only the native engine does it.
   */
  "stream:mirror": {
    readonly input: StreamRef & { readonly to: string };
    readonly output: Nothing;
  };
  "stream:receive": { readonly input: ReceivedStream; readonly output: Nothing };
  /** Changes what is told and leaves the rest. */
  "stream:set": { readonly input: StreamChange; readonly output: Nothing };
  /** Ends a stream of either direction. */
  "stream:stop": { readonly input: StreamRef; readonly output: Nothing };

  /**
   * Adds keys. A key for sending replaces that of its source: frames are sealed with it from now
   * on, its counter beginning at 0. Keys for receiving live beside each other until forgotten.
   * A key with the key id of a known one of the same list replaces that.
   */
  "keys:set": { readonly input: KeysSet; readonly output: Nothing };
  /** Forgets keys for receiving. Ids that are not known are passed over. */
  "keys:forget": {
    readonly input: ParticipantRef & { readonly keyIds: readonly number[] };
    readonly output: Nothing;
  };

  /** What was counted since the last such request, and begins anew. */
  "stats:take": { readonly input: Nothing; readonly output: EngineStats };
}
export type EngineCommandName = keyof EngineCommands;

export interface EngineEvents {
  readonly "transport:state": TransportState;
  /** The first frame of a received stream that opened, or the first at all that was not to be. */
  readonly "stream:first-frame": StreamRef & { readonly atUs: number };
  /** The engine is broken; nothing more will come from it. */
  readonly "engine:failed": { readonly message: string };
}

export interface Nothing {
  readonly [name: string]: never;
}

export interface EngineSettings {
  /** Folder with the pre-encoded media, see `MediaName`. */
  readonly mediaFolder: string;
  /** SRTP profiles to offer, the best first; all that the engine has when empty. */
  readonly srtpProfiles: readonly SrtpProfile[];
  /** False: frames are sent and taken as they are (a measurement of what sealing costs). */
  readonly seal: boolean;
  /** Whether synthetic frames carry stamps. See `FRAME_STAMP`. */
  readonly stamp: boolean;
  /**
   * True: looks for packets once a millisecond instead of being woken by them, which a sender on the
   * same machine would pay for. The native engine alone; false where it is left out.
   */
  readonly polls?: boolean;
}

export type SrtpProfile =
  | "AEAD_AES_256_GCM"
  | "AEAD_AES_128_GCM"
  | "AES_CM_128_HMAC_SHA1_80"
  | "AES_CM_128_HMAC_SHA1_32";

export interface EngineDescription {
  readonly engine: "portable" | "native";
  /** Of the engine and of the libraries beneath it, for the report. */
  readonly version: string;
}

/** `participant` is any id that the caller chose, unique within the engine. */
export interface ParticipantRef {
  readonly participant: string;
}

export interface TransportRef extends ParticipantRef {
  readonly direction: TransportDirection;
}

export interface TransportCreate extends TransportRef {
  readonly iceServers: readonly IceServer[];
  /**
   * True: only by a TURN server of `iceServers`. Engines reach one by UDP alone, and answer
   * `unsupported` where there is none for that.
   */
  readonly relayOnly: boolean;
}

/** What `transport:create` of the signaling protocol answered; the server is ICE-lite. */
export interface TransportStart extends TransportRef {
  readonly iceParameters: IceParameters;
  readonly iceCandidates: readonly IceCandidate[];
  readonly dtlsParameters: DtlsParameters;
}

export interface TransportAccept extends TransportRef {
  /** Numeric, of this machine. */
  readonly address: string;
  /** Of the engine that will connect. */
  readonly dtlsParameters: DtlsParameters;
}

export interface TransportState extends TransportRef {
  /** `failed` also for one that was connected and heard nothing for 15 s (RFC 7675 section 5.1). */
  readonly state: "connected" | "failed";
  /** From `transport:start` to the first binding success; null when unknown. */
  readonly iceMs: number | null;
  /** From then to the end of the handshake; null when unknown. */
  readonly dtlsMs: number | null;
  readonly srtpProfile: SrtpProfile | null;
  readonly relayed: boolean;
  /** Why it failed, for a person. */
  readonly message?: string;
}

/** `stream` is any id that the caller chose, unique within the participant. */
export interface StreamRef extends ParticipantRef {
  readonly stream: string;
}

/**
 * Pre-encoded media: IVF files (32 bytes of header, then for each frame its length as 32 bits and
 * its timestamp as 64 bits, little-endian, and its bytes) in `mediaFolder`, played in a loop that
 * begins with a key frame. A source has one file for each layer, the lowest first:
 *
 * - `voice-0.ivf`: Opus (fourcc `OPUS`), 20 ms a frame, mono speech, constant bit rate. Packets are
 *   of code 3 with padding (RFC 6716 section 3.2.5), whose last 16 bytes make room for the stamp,
 *   and at most 95 bytes long, so that a sealed frame holds two, as those of browsers do.
 * - `camera-0.ivf`, `camera-1.ivf`, `camera-2.ivf`: VP8 (fourcc `VP80`) of 320×180, 640×360 and
 *   1280×720 at 25 or 30 frames a second; key frames at the same places in each.
 * - `screen-0.ivf`: VP8, one layer.
 */
export type MediaName = "voice" | "camera" | "screen";

/** Ids of RTP header extensions (RFC 8285, one-byte form); those that are absent are not sent. */
export interface HeaderExtensionIds {
  readonly mid?: number;
  readonly rid?: number;
  readonly repairedRid?: number;
  readonly absSendTime?: number;
  readonly transportCc?: number;
  readonly audioLevel?: number;
}

/**
 * A stream to send. An engine sends it as a browser would: SR and SDES (RFC 3550) of each encoding,
 * mid and rid in every packet, transport-wide sequence numbers across all streams of the transport;
 * it answers NACK by RTX (RFC 4588, or by the packet itself without `rtxPayloadType`), PLI and FIR
 * by going on at the next key frame of that layer. VP8 has a payload descriptor with a 15-bit
 * picture id (RFC 7741 section 4.2), no temporal layers, packets of at most 1,200 bytes of payload.
 */
export interface SentStream extends StreamRef {
  /** Its key for sending, and its kind. */
  readonly source: MediaSource;
  readonly media: MediaName;
  readonly mid: string;
  readonly cname: string;
  readonly payloadType: number;
  readonly rtxPayloadType?: number;
  readonly clockRate: number;
  readonly headerExtensions: HeaderExtensionIds;
  readonly encodings: readonly SentEncoding[];
  /** False: nothing is sent, as of a muted microphone. */
  readonly active: boolean;
  /** Of `urn:ietf:params:rtp-hdrext:ssrc-audio-level`: 0 (loudest) to 127 (silence). */
  readonly audioLevelDbov: number;
  /**
   * Where in the loop it begins, so that not all send their key frames at once, 0 to 1. In the native
   * engine two streams of one frame rate and one phase also send at the same moments.
   */
  readonly phase: number;
}

export interface SentEncoding {
  /** The number in the file's name, see `MediaName`. */
  readonly layer: number;
  readonly rid?: string;
  readonly ssrc: number;
  readonly rtxSsrc?: number;
  readonly active: boolean;
}

/**
 * A consumer's stream. An engine sends for it RR (RFC 3550), transport-wide congestion feedback if
 * `headerExtensions.transportCc` is there (draft-holmer-rmcat-transport-wide-cc-extensions-01),
 * NACK for gaps, and PLI while nothing can be opened for want of a key frame.
 */
export interface ReceivedStream extends StreamRef {
  /** Whose keys open it: `from` of `ReceivingKey`. */
  readonly from: string;
  readonly source: MediaSource;
  readonly mid: string;
  readonly payloadType: number;
  readonly rtxPayloadType?: number;
  readonly clockRate: number;
  readonly headerExtensions: HeaderExtensionIds;
  readonly ssrc: number;
  readonly rtxSsrc?: number;
  /** Which of the frames are opened, 0 to 1; the others are only put together and counted. */
  readonly openShare: number;
  /** False: what comes is not counted, as the consumer is paused. */
  readonly active: boolean;
}

export interface StreamChange extends StreamRef {
  readonly active?: boolean;
  readonly openShare?: number;
  readonly audioLevelDbov?: number;
  /** Of a sent stream: one value an encoding, in their order. */
  readonly encodings?: readonly boolean[];
}

/**
 * Key and salt of one key id, RFC 9605 section 4.4.2, both base64url without padding. Frames are
 * sealed as `docs/e2ee-frames.md` says (padding of audio and associated data included): suite 4
 * has keys of 16 bytes, suite 5 of 32; the salt has 12 bytes, the tag 16.
 */
export interface FrameKey {
  /** `context << 20 | leaf << 4 | epoch mod 16`. */
  readonly keyId: number;
  readonly suite: 4 | 5;
  readonly key: string;
  readonly salt: string;
  readonly source: MediaSource;
}

export interface ReceivingKey extends FrameKey {
  /** Whose leaf it is: a frame of another stream that names this key id is refused. */
  readonly from: string;
}

export interface KeysSet extends ParticipantRef {
  readonly sending: readonly FrameKey[];
  readonly receiving: readonly ReceivingKey[];
}

/**
 * The last 16 bytes of every synthetic frame before it is sealed, big-endian: when it was handed to
 * the sealing, in microseconds since 1970 by the reference clock (8 bytes); its number within its
 * encoding (4 bytes); a mark (4 bytes, "APLT"). In video it is appended, which decoders pass over;
 * in audio it stands in the padding of the Opus packet. A frame without the mark is a browser's.
 */
export const FRAME_STAMP = { byteLength: 16, mark: 0x41_50_4c_54 } as const;

/** Why frames were refused, as the client's own counters name it. */
export type RefusalCause =
  | "no-key"
  | "wrong-sender"
  | "wrong-stream"
  | "tampered"
  | "replayed"
  | "malformed";

export interface EngineStats {
  /** Milliseconds that these numbers cover. */
  readonly intervalMs: number;
  /** What is sent and received, RTP and RTCP, with their headers above UDP. */
  readonly packetsSent: number;
  readonly bytesSent: number;
  readonly packetsReceived: number;
  readonly bytesReceived: number;
  /** RTP packets of received streams that should have come, and of those the ones that did not. */
  readonly packetsExpected: number;
  readonly packetsLost: number;
  /** Of the expected ones, those that came by RTX. They are not lost. */
  readonly packetsRepaired: number;
  readonly nacksSent: number;
  readonly nacksReceived: number;
  readonly packetsRetransmitted: number;
  readonly keyFrameRequestsSent: number;
  readonly keyFrameRequestsReceived: number;
  readonly audio: FrameStats;
  readonly video: FrameStats;
  /** How much later than it was due the engine sent a frame, in microseconds. */
  readonly sendDelayUs: HistogramData;
  /** From a packet's arrival in the kernel to its handling; empty where that cannot be known. */
  readonly receiveDelayUs: HistogramData;
  /** CPU time of the engine, all its threads, user and system. */
  readonly cpuUs: number;
  /** How long its threads were ready and waited for a core; null where the system doesn't tell. */
  readonly runQueueWaitUs: number | null;
  /** Resident memory now. */
  readonly memoryBytes: number;
  /** Transports that are connected now. */
  readonly transports: number;
}

export interface FrameStats {
  readonly sent: number;
  /** Complete frames that came, whatever became of them. */
  readonly received: number;
  readonly opened: number;
  /** Not tried, by `openShare`. */
  readonly skipped: number;
  /**
   * `no-key`: what came before its keys waits for them as in the client (64 frames of a stream, 500
   * ms), and counts only when they did not come.
   */
  readonly refused: Readonly<Record<RefusalCause, number>>;
  /** Opened, and its stamp's number was not above the last one's of the same encoding. */
  readonly disordered: number;
  /** From the stamp to the arrival of the frame's last packet. Only of opened synthetic frames. */
  readonly latencyUs: HistogramData;
  /**
   * Time between a received frame and the next one of the same stream. Audio: each one, and what
   * lies above 20 ms is a gap. Video: only what counts as a freeze, that is more than the larger of
   * three mean intervals and the mean plus 150 ms (as `freezeCount` of W3C's webrtc-stats).
   */
  readonly gapUs: HistogramData;
}
