/** One participant, who takes part by the SDK alone. Tests drive it by `window.caller`. */
import type {
  Call,
  CallPhase,
  CallStats,
  MediaSource,
  RemoteParticipant,
} from "../../../src/client/index.ts";
import { CallError, joinCall } from "../../../src/client/index.ts";
import { toBase64Url } from "../../../src/lib/base64url.ts";
import type { DecodedAudio, DecodedVideo, EncodedInput } from "./decoding.ts";
import { decodeOpus, decodeVp8 } from "./decoding.ts";
import type { Rgb, Size } from "./drawn-media.ts";
import { drawnCamera, toneVoice } from "./drawn-media.ts";
import type { FrameStage, RecordedFrame } from "./recording-worker.ts";

export interface JoinRequest {
  readonly link: string;
  readonly server: string;
  readonly name: string;
  readonly camera?: { readonly colour: Rgb; readonly size: Size };
  readonly toneHz?: number;
  readonly muted?: boolean;
  readonly relayOnly?: boolean;
  /** Keeps what frames are before and after they are sealed: see `recorded`. */
  readonly recording?: boolean;
}

/** What tests may know of a call: its state without tracks, and what was in trouble so far. */
export interface CallerState {
  readonly phase: CallPhase | "none";
  readonly endCode: string | null;
  readonly participantId: string;
  readonly members: number;
  readonly epoch: number | null;
  readonly participants: readonly {
    readonly participantId: string;
    readonly name: string;
    readonly presence: RemoteParticipant["presence"];
    readonly streams: readonly {
      readonly source: string;
      readonly muted: boolean;
      readonly trouble: string;
    }[];
  }[];
  /** Each phase that the call was in, in order. */
  readonly phases: readonly string[];
}

export interface ReceivedStream {
  readonly participantId: string;
  readonly source: string;
  readonly framesDecoded: number;
  readonly keyFramesDecoded: number;
  readonly packetsReceived: number;
  /** Lines of the last picture; 0 for sound. */
  readonly frameHeight: number;
}

/** Of a connection that is up: which candidate its own end uses. */
export interface CallerPath {
  readonly candidate: string;
  /** How the relay is reached, or the server without one. */
  readonly protocol: string;
  /** Of the relay, or an empty text. */
  readonly relay: string;
}

export interface CallerStats {
  readonly sealed: CallStats["sealed"];
  readonly opened: CallStats["opened"];
  readonly received: readonly ReceivedStream[];
  /** RTP packets that left, by all connections of the page. */
  readonly packetsSent: number;
  /** Layers of all videos that are encoded at present. */
  readonly layersSent: number;
  /** From asking to join until the first picture of somebody else, in milliseconds. */
  readonly firstPictureMs: number | null;
  readonly paths: readonly CallerPath[];
  /** The kinds of all candidates that these connections have gathered. */
  readonly candidates: readonly string[];
}

export interface CallerPage {
  /** Resolves with null, or with the code of the error that `joinCall` rejected with. */
  join(request: JoinRequest): Promise<string | null>;
  share(colour: Rgb, size: Size): Promise<void>;
  setMuted(source: MediaSource, muted: boolean): Promise<void>;
  show(participantId: string, source: MediaSource, heightPixels: number): void;
  setIceTransportPolicy(policy: RTCIceTransportPolicy): Promise<void>;
  leave(): Promise<void>;
  state(): CallerState;
  stats(): Promise<CallerStats>;
  /** Ends the transform workers as if they had crashed. */
  endWorkers(): void;
  /** The last frames of this source before or after they were sealed, in base64url. */
  recorded(source: MediaSource, stage: FrameStage): string[];
  decodeVp8(inputs: readonly EncodedInput[], colour: Rgb): Promise<DecodedVideo>;
  decodeOpus(inputs: readonly EncodedInput[], frequencyHz: number): Promise<DecodedAudio>;
}

declare global {
  interface Window {
    caller: CallerPage;
  }
}

const FRAMES_KEPT = 200;

let call: Call | undefined;
const phases: string[] = [];
const played = new Map<MediaStreamTrack, HTMLMediaElement>();
const workers: Worker[] = [];
const connections: RTCPeerConnection[] = [];
const recorded = new Map<string, string[]>();
let recordingWorker: Worker | undefined;
let joinedAtMs = 0;
let firstPictureMs: number | null = null;

// The SDK gives away neither its workers nor its connections, and tests have to reach both.
globalThis.Worker = new Proxy(Worker, {
  construct(target, [url, options]: ConstructorParameters<typeof Worker>) {
    const worker = recordingWorker ?? new target(url, options);
    workers.push(worker);
    return worker;
  },
});
globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
  construct(target, [configuration]: ConstructorParameters<typeof RTCPeerConnection>) {
    const connection = new target(configuration);
    connections.push(connection);
    return connection;
  },
});

window.caller = {
  async join(request) {
    if (request.recording === true) recordingWorker = startRecording();
    joinedAtMs = performance.now();
    try {
      call = await joinCall({
        link: request.link,
        server: request.server,
        name: request.name,
        tracks: tracksOf(request),
        muted: { microphone: request.muted === true, camera: request.muted === true },
        iceTransportPolicy: request.relayOnly === true ? "relay" : "all",
      });
    } catch (error) {
      return error instanceof CallError ? error.code : String(error);
    }
    call.subscribe(follow);
    follow();
    return null;
  },

  async share(colour, size) {
    await call?.setStream("screen", drawnCamera(colour, size));
  },

  async setMuted(source, muted) {
    await call?.setMuted(source, muted);
  },

  show(participantId, source, heightPixels) {
    const size = { width: Math.round((heightPixels * 16) / 9), height: heightPixels };
    call?.showing(participantId, source, size);
  },

  async setIceTransportPolicy(policy) {
    await call?.setIceTransportPolicy(policy);
  },

  async leave() {
    await call?.leave();
  },

  state() {
    const state = call?.state;
    return {
      phase: state?.phase ?? "none",
      endCode: state?.end?.code ?? null,
      participantId: state?.self.participantId ?? "",
      members: state?.encryption.members ?? 0,
      epoch: state?.encryption.epoch ?? null,
      participants: (state?.participants ?? []).map(viewParticipant),
      phases: [...phases],
    };
  },

  async stats() {
    const stats = call?.state.phase === "ended" ? undefined : await call?.stats();
    const reports = await Promise.all(connections.map(reportOf));
    return {
      sealed: stats?.sealed ?? [],
      opened: stats?.opened ?? [],
      received: (stats?.received ?? []).map(({ participantId, source, report }) => ({
        participantId,
        source,
        framesDecoded: sumOf(report, "inbound-rtp", "framesDecoded"),
        keyFramesDecoded: sumOf(report, "inbound-rtp", "keyFramesDecoded"),
        packetsReceived: sumOf(report, "inbound-rtp", "packetsReceived"),
        frameHeight: sumOf(report, "inbound-rtp", "frameHeight"),
      })),
      packetsSent: reports
        .map((report) => sumOf(report, "outbound-rtp", "packetsSent"))
        .reduce((sum, packets) => sum + packets, 0),
      layersSent: reports.flatMap((report) => entriesOf(report).filter(isSentLayer)).length,
      firstPictureMs,
      paths: reports.flatMap(pathsOf),
      candidates: reports.flatMap(candidatesOf),
    };
  },

  endWorkers() {
    for (const worker of workers) worker.terminate();
  },

  recorded: (source, stage) => [...(recorded.get(`${source} ${stage}`) ?? [])],
  decodeVp8,
  decodeOpus,
};

function tracksOf({ camera, toneHz }: JoinRequest) {
  return {
    ...(camera === undefined ? {} : { camera: drawnCamera(camera.colour, camera.size) }),
    ...(toneHz === undefined ? {} : { microphone: toneVoice(toneHz) }),
  };
}

function follow(): void {
  const state = call?.state;
  if (state === undefined) return;
  if (phases.at(-1) !== state.phase) phases.push(state.phase);
  const tracks = new Set(
    state.participants.flatMap(({ streams }) => streams.map(({ track }) => track)),
  );
  for (const [track, element] of played) {
    if (tracks.has(track)) continue;
    element.remove();
    played.delete(track);
  }
  for (const track of tracks) if (!played.has(track)) played.set(track, play(track));
}

function play(track: MediaStreamTrack): HTMLMediaElement {
  const element = document.createElement(track.kind === "audio" ? "audio" : "video");
  element.srcObject = new MediaStream([track]);
  element.autoplay = true;
  if (track.kind === "video") {
    element.addEventListener("loadeddata", () => {
      firstPictureMs ??= performance.now() - joinedAtMs;
    });
  }
  document.body.append(element);
  return element;
}

function startRecording(): Worker {
  const worker = new Worker(new URL("./recording-worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener(
    "message",
    ({ data }: MessageEvent<RecordedFrame | { type: "other" }>) => {
      if (data.type !== "recorded") return;
      const key = `${data.source} ${data.stage}`;
      const frames = recorded.get(key) ?? [];
      recorded.set(key, frames);
      frames.push(toBase64Url(new Uint8Array(data.data)));
      if (frames.length > FRAMES_KEPT) frames.shift();
    },
  );
  return worker;
}

function viewParticipant({ participantId, name, presence, streams }: RemoteParticipant) {
  const view = streams.map(({ source, muted, trouble }) => ({ source, muted, trouble }));
  return { participantId, name, presence, streams: view };
}

function sumOf(report: RTCStatsReport, type: string, name: string): number {
  let sum = 0;
  for (const entry of entriesOf(report)) {
    if (entry["type"] === type && typeof entry[name] === "number") sum += entry[name];
  }
  return sum;
}

/** True for what a video sender is set to encode at present. */
function isSentLayer(entry: Record<string, unknown>): boolean {
  return entry["type"] === "outbound-rtp" && entry["kind"] === "video" && entry["active"] === true;
}

/** Firefox never answers for a connection that is closed while it is asked. */
function reportOf(connection: RTCPeerConnection): Promise<RTCStatsReport> {
  const nothing = new Promise<RTCStatsReport>((resolve) => {
    setTimeout(resolve, 2_000, new Map());
  });
  return Promise.race([connection.getStats(), nothing]);
}

function pathsOf(report: RTCStatsReport): CallerPath[] {
  const entries = new Map(entriesOf(report).map((entry) => [entry["id"], entry]));
  return [...entries.values()].flatMap((entry) => {
    if (entry["type"] !== "transport") return [];
    const pair = entries.get(entry["selectedCandidatePairId"]);
    const local = entries.get(pair?.["localCandidateId"]);
    if (local === undefined) return [];
    const protocol = local["relayProtocol"] ?? local["protocol"];
    const relay = local["candidateType"] === "relay" ? String(local["url"]) : "";
    return [{ candidate: String(local["candidateType"]), protocol: String(protocol), relay }];
  });
}

function candidatesOf(report: RTCStatsReport): string[] {
  return entriesOf(report)
    .filter((entry) => entry["type"] === "local-candidate")
    .map((entry) => String(entry["candidateType"]));
}

function entriesOf(report: RTCStatsReport): Record<string, unknown>[] {
  const entries: Record<string, unknown>[] = [];
  report.forEach((entry: Record<string, unknown>) => entries.push(entry));
  return entries;
}
