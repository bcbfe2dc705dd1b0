/** One participant whose media tests look at closely. They drive it by `window.party`. */
import type { Call, CallStats, VideoCodec } from "../../../src/client/index.ts";
import { joinCall } from "../../../src/client/index.ts";
import type { Rgb, Size } from "../sdk-page/drawn-media.ts";
import { drawnCamera } from "../sdk-page/drawn-media.ts";
import { busyCamera } from "./busy-camera.ts";
import { voice } from "./voice.ts";

export interface PartyRequest {
  readonly link: string;
  readonly server: string;
  readonly name: string;
  /** A plane of one colour, or a picture full of detail. */
  readonly camera?: { readonly colour: Rgb | "busy"; readonly size: Size };
  /** Speaks without an end, or keeps silent. */
  readonly microphone?: "speech" | "silence";
  /** Sends the browser's own devices instead. */
  readonly devices?: true;
  readonly preferredCodec?: VideoCodec;
  readonly audioLevels?: boolean;
}

export interface ReceivedVideo {
  readonly participantId: string;
  readonly codec: string;
  readonly framesDecoded: number;
  readonly frameHeight: number;
  readonly freezeCount: number;
}

export interface ReceivedAudio {
  readonly participantId: string;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly samples: number;
  readonly concealedSamples: number;
  readonly energy: number;
}

export interface PartyStats {
  readonly sealed: CallStats["sealed"];
  readonly opened: CallStats["opened"];
  readonly video: readonly ReceivedVideo[];
  readonly audio: readonly ReceivedAudio[];
  readonly keyFramesEncoded: number;
  /** MIME types that video is sent with. */
  readonly sentCodecs: readonly string[];
  /** Numbers of the RTP header extensions that sent packets may have, by URI. */
  readonly extensions: Readonly<Record<string, number>>;
  /** Who of the others is shown as speaking. */
  readonly speakers: readonly string[];
}

export interface PartyPage {
  join(request: PartyRequest): Promise<string>;
  leave(): Promise<void>;
  /** Ids of the participants who hold keys. */
  members(): number;
  stats(): Promise<PartyStats>;
}

declare global {
  interface Window {
    party: PartyPage;
  }
}

let call: Call | undefined;
const connections: RTCPeerConnection[] = [];
const played = new Map<MediaStreamTrack, HTMLMediaElement>();

globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
  construct(target, [configuration]: ConstructorParameters<typeof RTCPeerConnection>) {
    const connection = new target(configuration);
    connections.push(connection);
    return connection;
  },
});

window.party = {
  async join(request) {
    const { link, server, name, preferredCodec, audioLevels = false } = request;
    call = await joinCall({
      link,
      server,
      name,
      audioLevels,
      tracks: request.devices === true ? await openDevices() : makeTracks(request),
      ...(preferredCodec === undefined ? {} : { preferredCodec }),
    });
    call.subscribe(playAll);
    playAll();
    return call.state.self.participantId;
  },

  async leave() {
    await call?.leave();
    call = undefined;
    connections.length = 0;
  },

  members: () => call?.state.encryption.members ?? 0,

  async stats() {
    const stats = await call?.stats();
    const received = (stats?.received ?? []).map(({ participantId, report }) => ({
      participantId,
      entries: entriesOf(report),
    }));
    const open = connections.filter(({ connectionState }) => connectionState !== "closed");
    const sent = (await Promise.all(open.map((connection) => connection.getStats())))
      .flatMap(entriesOf)
      .filter((entry) => entry["type"] === "outbound-rtp" || entry["type"] === "codec");
    const sentVideo = sent.filter((entry) => entry["kind"] === "video");
    return {
      sealed: stats?.sealed ?? [],
      opened: stats?.opened ?? [],
      video: received.flatMap(({ participantId, entries }) =>
        inboundOf(entries, "video").map((entry) => ({
          participantId,
          codec: codecOf(entry, entries),
          framesDecoded: numberOf(entry, "framesDecoded"),
          frameHeight: numberOf(entry, "frameHeight"),
          freezeCount: numberOf(entry, "freezeCount"),
        })),
      ),
      audio: received.flatMap(({ participantId, entries }) =>
        inboundOf(entries, "audio").map((entry) => ({
          participantId,
          packetsReceived: numberOf(entry, "packetsReceived"),
          packetsLost: numberOf(entry, "packetsLost"),
          samples: numberOf(entry, "totalSamplesReceived"),
          concealedSamples: numberOf(entry, "concealedSamples"),
          energy: numberOf(entry, "totalAudioEnergy"),
        })),
      ),
      keyFramesEncoded: sentVideo.reduce(
        (sum, entry) => sum + numberOf(entry, "keyFramesEncoded"),
        0,
      ),
      sentCodecs: [...new Set(sentVideo.map((entry) => codecOf(entry, sent)))],
      extensions: Object.fromEntries(open.flatMap(extensionsOf)),
      speakers: (call?.state.participants ?? [])
        .filter(({ speaking }) => speaking)
        .map(({ participantId }) => participantId),
    };
  },
};

function makeTracks({ camera, microphone }: PartyRequest) {
  return {
    ...(camera === undefined ? {} : { camera: cameraOf(camera) }),
    ...(microphone === undefined ? {} : { microphone: voice(microphone) }),
  };
}

function cameraOf({ colour, size }: NonNullable<PartyRequest["camera"]>): MediaStreamTrack {
  return colour === "busy" ? busyCamera(size) : drawnCamera(colour, size);
}

async function openDevices() {
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const [microphone] = media.getAudioTracks();
  const [camera] = media.getVideoTracks();
  if (microphone === undefined || camera === undefined) throw new Error("no devices");
  return { microphone, camera };
}

function playAll(): void {
  for (const { streams } of call?.state.participants ?? []) {
    for (const { track } of streams) {
      if (played.has(track)) continue;
      const element = document.createElement(track.kind === "audio" ? "audio" : "video");
      element.srcObject = new MediaStream([track]);
      element.autoplay = true;
      document.body.append(element);
      void element.play().catch(() => undefined);
      played.set(track, element);
    }
  }
}

/** Of a connection that sends. The other side names only what both sides know. */
function extensionsOf(connection: RTCPeerConnection): [uri: string, id: number][] {
  const sends = connection.getSenders().some(({ track }) => track !== null);
  const lines =
    (sends ? connection.remoteDescription : null)?.sdp.matchAll(/^a=extmap:(\d+)\S* (\S+)/gm) ?? [];
  return [...lines].map(([, id, uri]) => [uri ?? "", Number(id)]);
}

type Entry = Readonly<Record<string, unknown>>;

function inboundOf(entries: readonly Entry[], kind: string): Entry[] {
  return entries.filter((entry) => entry["type"] === "inbound-rtp" && entry["kind"] === kind);
}

function codecOf(entry: Entry, entries: readonly Entry[]): string {
  const codec = entries.find(({ id }) => id === entry["codecId"]);
  const mimeType = codec?.["mimeType"];
  return typeof mimeType === "string" ? mimeType.toLowerCase() : "";
}

function numberOf(entry: Entry, name: string): number {
  const value = entry[name];
  return typeof value === "number" ? value : 0;
}

function entriesOf(report: RTCStatsReport): Entry[] {
  const entries: Entry[] = [];
  report.forEach((entry: Entry) => entries.push(entry));
  return entries;
}
