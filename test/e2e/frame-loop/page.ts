/** Alice sends to Bob, in one page, over two peer connections and two transform workers. */
import type { EpochKeys } from "../../../src/e2ee/frame/index.ts";
import { SpentKeys } from "../../../src/e2ee/frame/index.ts";
import type { ReceiverStats, SenderStats } from "../../../src/e2ee/worker/index.ts";
import { spawnTransformWorker, TransformHost } from "../../../src/e2ee/worker/index.ts";
import type { Attack } from "./attack.ts";

type Who = "alice" | "bob";

export interface LoopState {
  readonly senders: Record<string, SenderStats>;
  readonly receivers: Record<string, ReceiverStats>;
  readonly events: readonly string[];
  readonly packetsSent: number;
  readonly framesDecoded: number;
  readonly audioEnergy: number;
  /** Kinds of the tracks that Alice's senders have. */
  readonly tracksSent: readonly string[];
}

export interface LoopOptions {
  /** Leaves out the transform of Alice's video, as a browser with a bug might. */
  readonly isBypassed?: boolean;
  /** Makes the browser one of those that have `createEncodedStreams` only. */
  readonly isOld?: boolean;
}

export interface FrameLoop {
  start(options: LoopOptions): Promise<void>;
  /** The key is 32 times `keyByte`. */
  setEpoch(who: Who, epoch: number, keyByte: number): void;
  setAttack(attack: Attack): void;
  requestKeyFrame(): Promise<void>;
  state(): Promise<LoopState>;
}

declare global {
  interface Window {
    frameLoop: FrameLoop;
  }
}

const LEAVES = [
  { participantId: "alice", leafIndex: 0 },
  { participantId: "bob", leafIndex: 1 },
];

const senders: Record<string, SenderStats> = {};
const receivers: Record<string, ReceiverStats> = {};
const events: string[] = [];
let hostileWorker: Worker | undefined;
let connections: { alice: RTCPeerConnection; bob: RTCPeerConnection } | undefined;
let hosts: Record<Who, TransformHost> | undefined;
let cameraId = "";

window.frameLoop = {
  async start({ isBypassed = false, isOld = false }) {
    if (isOld) Reflect.deleteProperty(globalThis, "RTCRtpScriptTransform");
    const worker = new Worker(new URL("./hostile-worker.ts", import.meta.url), { type: "module" });
    hostileWorker = worker;
    const alice = createHost(() => worker);
    const bob = createHost(spawnTransformWorker);
    hosts = { alice, bob };
    listen("alice", alice);
    listen("bob", bob);
    const media = await navigator.mediaDevices.getUserMedia({
      audio: true,
      video: { width: 640, height: 480, frameRate: 30 },
    });
    await connect(media, isBypassed);
  },

  setEpoch(who, epoch, keyByte) {
    const keys: EpochKeys = {
      epoch,
      baseKey: new Uint8Array(32).fill(keyByte),
      ownLeafIndex: who === "alice" ? 0 : 1,
      leaves: LEAVES,
    };
    hosts?.[who].setEpoch(keys);
  },

  setAttack(attack) {
    hostileWorker?.postMessage(attack, []);
  },

  async requestKeyFrame() {
    await hosts?.alice.requestKeyFrame(cameraId);
  },

  async state() {
    const sent = await sumOf(connections?.alice, "outbound-rtp", "packetsSent");
    const decoded = await sumOf(connections?.bob, "inbound-rtp", "framesDecoded");
    const energy = await sumOf(connections?.bob, "inbound-rtp", "totalAudioEnergy");
    return {
      senders: { ...senders },
      receivers: { ...receivers },
      events: [...events],
      packetsSent: sent,
      framesDecoded: decoded,
      audioEnergy: energy,
      tracksSent: (connections?.alice.getSenders() ?? []).flatMap(({ track }) => track?.kind ?? []),
    };
  },
};

function createHost(createWorker: () => Worker): TransformHost {
  return TransformHost.create({
    createWorker,
    // Alice and Bob are two people, though they share a page here.
    spentKeys: new SpentKeys(),
    settings: { statsPeriodMs: 100 },
    watchdogPeriodMs: 500,
  });
}

function listen(who: Who, host: TransformHost): void {
  host.events.on("sender:stats", (stats) => (senders[stats.source] = stats));
  host.events.on("receiver:stats", (stats) => (receivers[stats.source] = stats));
  host.events.on("receiver:trouble", ({ source, cause }) =>
    events.push(`trouble ${source} ${cause}`),
  );
  host.events.on("receiver:recovered", ({ source }) => events.push(`recovered ${source}`));
  host.events.on("sender:unsealed", ({ source }) => events.push(`unsealed ${source}`));
  host.events.on("sender:stalled", ({ source }) => events.push(`stalled ${source}`));
  host.events.on("stream:failed", ({ id }) => events.push(`failed ${id}`));
  host.events.on("worker:failed", ({ reason }) => events.push(`worker of ${who}: ${reason}`));
}

async function connect(media: MediaStream, isBypassed: boolean): Promise<void> {
  const alice = createConnection(!isBypassed);
  const bob = createConnection(true);
  connections = { alice, bob };
  alice.onicecandidate = ({ candidate }) => void bob.addIceCandidate(candidate ?? undefined);
  bob.onicecandidate = ({ candidate }) => void alice.addIceCandidate(candidate ?? undefined);
  bob.ontrack = ({ receiver, track }) => {
    const source = track.kind === "audio" ? "microphone" : "camera";
    hosts?.bob.attachReceiver(receiver, { id: `bob-${source}`, participantId: "alice", source });
    show(track);
  };
  for (const track of media.getTracks()) send(alice, track, isBypassed);
  await alice.setLocalDescription();
  if (alice.localDescription) await bob.setRemoteDescription(alice.localDescription);
  await bob.setLocalDescription();
  if (bob.localDescription) await alice.setRemoteDescription(bob.localDescription);
}

function send(connection: RTCPeerConnection, track: MediaStreamTrack, isBypassed: boolean): void {
  const { sender } = connection.addTransceiver(track, { direction: "sendonly" });
  if (track.kind === "audio") {
    hosts?.alice.attachSender(sender, { source: "microphone" });
    return;
  }
  if (!isBypassed) {
    cameraId = hosts?.alice.attachSender(sender, { source: "camera" }) ?? "";
    return;
  }
  // The host believes that it attached a transform; the browser has none on what really sends.
  const unused = new RTCPeerConnection().addTransceiver("video").sender;
  unused.getStats = () => sender.getStats();
  unused.replaceTrack = (other) => sender.replaceTrack(other);
  hosts?.alice.attachSender(unused, { source: "camera" });
}

function createConnection(encodedInsertableStreams: boolean): RTCPeerConnection {
  const configuration: RTCConfiguration & { encodedInsertableStreams: boolean } = {
    encodedInsertableStreams,
  };
  return new RTCPeerConnection(configuration);
}

function show(track: MediaStreamTrack): void {
  const element = document.querySelector<HTMLVideoElement>("#remote");
  if (element === null) return;
  const stream = element.srcObject instanceof MediaStream ? element.srcObject : new MediaStream();
  stream.addTrack(track);
  element.srcObject = stream;
}

async function sumOf(
  connection: RTCPeerConnection | undefined,
  type: string,
  name: string,
): Promise<number> {
  let sum = 0;
  const report: Iterable<[string, unknown]> = (await connection?.getStats()) ?? new Map();
  for (const [, stats] of report) {
    if (Reflect.get(Object(stats), "type") !== type) continue;
    const value: unknown = Reflect.get(Object(stats), name);
    if (typeof value === "number") sum += value;
  }
  return sum;
}
