import type { Page } from "puppeteer-core";
import type { Chromium } from "./chromium-browser.ts";
import { launchChromium } from "./chromium-browser.ts";
import { launchFirefox } from "./firefox-browser.ts";
import { LossyUdp } from "./lossy-udp.ts";
import { Party, PartyLab, routeBy } from "./party-lab.ts";

export interface Heard {
  /** Share of samples that the browser made up, 0 to 1. */
  readonly concealed: number;
  /** Share of packets that were lost, 0 to 1. */
  readonly lost: number;
  /** Frames that were put in by way of their successors. */
  readonly repaired: number;
}

export interface AudioLossResult {
  /** Nothing is lost. */
  readonly none: Heard;
  /** With what travels inside the sealed frames. */
  readonly repaired: Heard;
  /** The same loss in a browser that takes no repaired frames. */
  readonly unrepaired: Heard;
}

/** Long enough for the jitter buffer to settle. */
const SETTLE_MS = 2_000;

/**
 * One speaks; three listen behind networks of their own, of which two lose this share of the
 * packets: one as browsers are, and one in which received audio passes a script transform, behind
 * which Chromium takes no repaired frames.
 */
export async function measureAudioLoss(loss: number, seconds: number): Promise<AudioLossResult> {
  await using cleanups = new AsyncDisposableStack();
  const lab = await PartyLab.start();
  cleanups.defer(() => lab.close());
  const chromium = await launchChromium();
  cleanups.defer(() => chromium.close());
  const invitation = lab.newCall();
  const listen = async (share: number, isRepairing: boolean) => {
    const network = new LossyUdp();
    cleanups.defer(() => {
      network.close();
    });
    const page = await openPage(chromium);
    await routeBy(page, network);
    if (!isRepairing) await page.evaluateOnNewDocument(takeStreamsAway);
    await page.goto(lab.url);
    const party = new Party(page);
    await party.join({ ...invitation, name: "Listener" });
    return { party, network, share };
  };
  const speaker = await openPage(chromium);
  await speaker.goto(lab.url);
  await new Party(speaker).join({ ...invitation, name: "Speaker", microphone: "speech" });
  const listeners = await Promise.all([listen(0, true), listen(loss, true), listen(loss, false)]);
  for (const { party } of listeners) {
    await party.untilStats("sound", ({ audio }) => (audio[0]?.samples ?? 0) > 0);
  }
  for (const { network, share } of listeners) network.loss = share;
  await pause(SETTLE_MS);
  const before = await Promise.all(listeners.map(({ party }) => readAudio(party)));
  await pause(seconds * 1_000);
  const after = await Promise.all(listeners.map(({ party }) => readAudio(party)));
  const heard = after.map((now, index) => difference(before[index] ?? now, now));
  const [none, repaired, unrepaired] = heard;
  if (!none || !repaired || !unrepaired) throw new Error("somebody heard nothing");
  return { none, repaired, unrepaired };
}

export interface InBandFecResult {
  /** Opus' in-band FEC (RFC 6716 section 2.1.7) is negotiated, as our clients do. */
  readonly on: Heard;
  readonly off: Heard;
}

/** Long enough for the server's reports to reach the encoder, and for it to believe them. */
const LEARN_MS = 10_000;

/**
 * What in-band FEC gives to a Firefox, which takes no repaired frames: two speakers behind networks
 * that lose this share of what they send, of which one is kept from negotiating it.
 */
export async function measureInBandFec(loss: number, seconds: number): Promise<InBandFecResult> {
  await using cleanups = new AsyncDisposableStack();
  const lab = await PartyLab.start();
  cleanups.defer(() => lab.close());
  const chromium = await launchChromium();
  cleanups.defer(() => chromium.close());
  const firefox = await launchFirefox();
  cleanups.defer(() => firefox.close());
  const begin = async (hasFec: boolean) => {
    const invitation = lab.newCall();
    const network = new LossyUdp();
    cleanups.defer(() => {
      network.close();
    });
    const page = await openPage(chromium);
    await routeBy(page, network);
    if (!hasFec) await page.evaluateOnNewDocument(takeFecAway);
    await page.goto(lab.url);
    await new Party(page).join({ ...invitation, name: "Speaker", microphone: "speech" });
    const listening = await firefox.newPage();
    await listening.goto(lab.url);
    const party = new Party(listening);
    await party.join({ ...invitation, name: "Listener" });
    await party.untilStats("sound", ({ audio }) => (audio[0]?.samples ?? 0) > 0);
    return { party, network };
  };
  const calls = [await begin(true), await begin(false)];
  for (const { network } of calls) network.sentLoss = loss;
  await pause(LEARN_MS);
  const before = await Promise.all(calls.map(({ party }) => readAudio(party)));
  await pause(seconds * 1_000);
  const after = await Promise.all(calls.map(({ party }) => readAudio(party)));
  const [on, off] = after.map((now, index) => difference(before[index] ?? now, now));
  if (!on || !off) throw new Error("somebody heard nothing");
  return { on, off };
}

async function readAudio(party: Party) {
  const { audio, opened } = await party.stats();
  const [counters] = audio;
  if (counters === undefined) throw new Error("no audio is received");
  return { ...counters, repaired: opened[0]?.repaired ?? 0 };
}

type Counters = Awaited<ReturnType<typeof readAudio>>;

function difference(before: Counters, after: Counters): Heard {
  const received = after.packetsReceived - before.packetsReceived;
  const lost = after.packetsLost - before.packetsLost;
  return {
    concealed:
      (after.concealedSamples - before.concealedSamples) / (after.samples - before.samples),
    lost: lost / (lost + received),
    repaired: after.repaired - before.repaired,
  };
}

function openPage(chromium: Chromium): Promise<Page> {
  return chromium.browser.newPage({ type: "window" });
}

function takeStreamsAway(): void {
  Reflect.deleteProperty(RTCRtpReceiver.prototype, "createEncodedStreams");
}

/** Both sides must want it: the remote description decides for what is sent. */
function takeFecAway(): void {
  const original: unknown = Reflect.get(RTCPeerConnection.prototype, "setRemoteDescription");
  if (typeof original !== "function") return;
  RTCPeerConnection.prototype.setRemoteDescription = async function (description) {
    const sdp = (description.sdp ?? "").replaceAll("useinbandfec=1", "useinbandfec=0");
    await Reflect.apply(original, this, [{ type: description.type, sdp }]);
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
