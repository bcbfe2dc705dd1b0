import axe from "axe-core";
import { createRoot } from "react-dom/client";
import type { CallPhase } from "../../../src/client/call-state.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { browserAudioPlayers } from "../../../src/web/browser/browser-audio-player.ts";
import { listenToTrack } from "../../../src/web/browser/browser-level-reader.ts";
import { App } from "../../../src/web/state/app.ts";
import { AppView } from "../../../src/web/ui/app-view.tsx";
import { GUEST_NAME } from "../../../src/web/strings.ts";
import { crowd } from "./crowd.ts";
import { drawnDiagnosis } from "./drawn-diagnosis.ts";
import { drawnPerson, drawnScreen, tone } from "./drawn-track.ts";
import { InMemoryCall } from "./in-memory-call.ts";
import { InMemoryDevices } from "./in-memory-devices.ts";

/**
 * The page's own views and state over an in-memory call, told by the query what to show:
 * `screen` (home, lobby, call, connection-test), `others`, `screens`, `troubled`, `phase`, `denied`, `unsupported`,
 * `signs` (hands, reactions, a chat), `frozen`, `found` (of the connection test: good, limited,
 * impossible, running).
 */
const query = new URLSearchParams(window.location.search);
const number = (name: string) => Number(query.get(name) ?? 0);

declare global {
  interface Window {
    preview: {
      app: App;
      call: InMemoryCall;
      /** What axe-core calls serious or critical, each as a line. */
      audit: () => Promise<string[]>;
    };
  }
}

async function audit(): Promise<string[]> {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}

const TALK = [
  "Hello everybody!",
  "Here are the notes: https://example.org/notes/2026-11-23/a-rather-long-address-that-does-not-fit?x=1",
  "Two lines\nof one message",
  "مرحبا بكم جميعا",
  "W".repeat(90),
] as const;

const devices = new InMemoryDevices((kind) => {
  if (kind === "screen") return drawnScreen(1600, 1000);
  if (kind === "camera") return drawnPerson(8, 640, 360);
  return tone();
});
if (query.has("denied")) {
  const refusal = new DOMException("Permission denied", "NotAllowedError");
  devices.refusals.set("microphone", refusal).set("camera", refusal);
}

const participants = crowd({
  others: number("others"),
  screens: number("screens"),
  troubled: query.has("troubled"),
});
const call = new InMemoryCall({ participants });
call.change({ encryption: { ...call.state.encryption, members: participants.length + 1 } });

if (query.has("signs")) {
  const ids = participants.map(({ participantId }) => participantId);
  const nameOf = (index: number) => participants[index]?.name ?? "";
  for (const [index, text] of TALK.entries()) {
    const who = index % 3;
    call.hear({ participantId: ids[who] ?? "", name: nameOf(who), text });
  }
  await call.sendChat("Own words, for everybody to see");
  const raisedHands = ids.slice(1, 3).toReversed();
  const reactions = [{ id: 9_000, participantId: ids[0] ?? "", name: nameOf(0), emoji: "🎉" }];
  call.change({
    participants: participants.map((each) => ({
      ...each,
      handRaised: raisedHands.includes(each.participantId),
    })),
    conversation: { ...call.state.conversation, raisedHands, reactions },
  });
}
if (query.has("frozen")) call.change({ mediaConnected: false, phase: "reconnecting" });

const ADDRESSES: Readonly<Record<string, string>> = {
  home: "https://aparte.example/",
  "connection-test": "https://aparte.example/#test",
};
let href = ADDRESSES[query.get("screen") ?? ""] ?? call.invitationLink;
let navigated = () => {};

const app = new App({
  address: {
    origin: "https://aparte.example",
    href: () => href,
    hasFragment: () => href.includes("#"),
    open: (link) => {
      href = link;
      navigated();
    },
    replace: (link) => {
      href = link;
    },
    onChange: (listener) => {
      navigated = listener;
      return () => {};
    },
  },
  devices,
  storage: { getItem: () => JSON.stringify({ name: query.get("name") ?? "" }), setItem: () => {} },
  stayMemory: {
    recall: () =>
      query.get("screen") === "call" ? { microphone: true, camera: !query.has("dark") } : null,
    remember: () => {},
  },
  createAudioPlayer: browserAudioPlayers(document),
  listenToTrack,
  visibility: { onChange: () => () => {} },
  keepAwake: () => () => {},
  copyText: async () => Promise.resolve(),
  clock: systemClock,
  supportProblem: query.has("unsupported") ? "no-sealing" : null,
  loadSdk: async () =>
    Promise.resolve({
      prepareCall: () => ({
        join: async ({ name, tracks, muted }) => {
          if (tracks.microphone) await call.setStream("microphone", tracks.microphone);
          if (muted.microphone === true) await call.setMuted("microphone", true);
          if (tracks.camera) await call.setStream("camera", tracks.camera);
          const phase = (query.get("phase") ?? "joined") as CallPhase;
          call.change({ phase, self: { ...call.state.self, name } });
          return call;
        },
        close: () => {},
      }),
      openDeviceIdentity: async () => Promise.reject(new Error("nothing is stored here")),
      forgetDeviceIdentity: async () => Promise.resolve(),
      createInvitationLink: () => call.invitationLink,
      isInvitationLink: (link) => link === call.invitationLink,
    }),
  loadDiagnosis: async () => Promise.resolve(drawnDiagnosis(query.get("found") ?? "good")),
  permissionOf: async (kind) =>
    Promise.resolve(query.has("denied") && kind === "camera" ? "denied" : "granted"),
  guestName: GUEST_NAME,
});
window.preview = { app, call, audit };

const root = document.querySelector("#root");
if (root !== null) createRoot(root).render(<AppView app={app} />);
