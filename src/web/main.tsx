import { createRoot } from "react-dom/client";
import { systemClock } from "../lib/clock.ts";
import { browserAddress } from "./browser/browser-address.ts";
import { browserAudioPlayers } from "./browser/browser-audio-player.ts";
import { BrowserDevices } from "./browser/browser-devices.ts";
import { listenToTrack } from "./browser/browser-level-reader.ts";
import { browserPermission } from "./browser/browser-permission.ts";
import { browserStayMemory } from "./browser/browser-stay-memory.ts";
import { browserStorage } from "./browser/browser-storage.ts";
import { browserAbilities } from "./browser/browser-support.ts";
import { browserVisibility } from "./browser/browser-visibility.ts";
import { keepAwake } from "./browser/keep-awake.ts";
import { App } from "./state/app.ts";
import { supportProblem } from "./state/support.ts";
import { GUEST_NAME } from "./strings.ts";
import { AppView } from "./ui/app-view.tsx";

const root = document.querySelector("#root");
if (root === null) throw new Error("The page has no #root to render into.");

const app = new App({
  address: browserAddress(window),
  devices: new BrowserDevices(navigator.mediaDevices),
  storage: browserStorage(window),
  stayMemory: browserStayMemory(window),
  createAudioPlayer: browserAudioPlayers(document),
  listenToTrack,
  copyText: (text) => navigator.clipboard.writeText(text),
  visibility: browserVisibility(document),
  keepAwake: () => keepAwake(document, navigator),
  clock: systemClock,
  supportProblem: supportProblem(browserAbilities()),
  loadSdk: () => import("../client/index.ts"),
  loadDiagnosis: () => import("../client/diagnosis/index.ts"),
  permissionOf: browserPermission,
  guestName: GUEST_NAME,
});

createRoot(root).render(<AppView app={app} />);
