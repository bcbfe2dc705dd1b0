import assert from "node:assert/strict";
import { test } from "node:test";
import { measureAudioLoss } from "../support/audio-loss.ts";
import type { Chromium } from "../support/chromium-browser.ts";
import { launchChromium } from "../support/chromium-browser.ts";
import { LossyUdp } from "../support/lossy-udp.ts";
import { Party, PartyLab, routeBy } from "../support/party-lab.ts";
import type { PartyRequest } from "./e2ee-page/page.ts";

/** Two seconds of packets of 20 ms. */
const PACKETS = 100;

test("a tenth of all packets is lost, and nearly all of the sound is there", async (context) => {
  const { none, repaired, unrepaired } = await measureAudioLoss(0.1, 6);
  const shares = { none, repaired, unrepaired };
  for (const [name, { concealed, lost, repaired: frames }] of Object.entries(shares)) {
    context.diagnostic(
      `${name}: ${(lost * 100).toFixed(1)} % lost, ${(concealed * 100).toFixed(1)} % concealed, ` +
        `${frames} frames repaired`,
    );
  }
  assert.ok(unrepaired.concealed > 0.04, "the network lost too little to show anything");
  assert.ok(repaired.concealed < unrepaired.concealed / 2, "too much had to be made up");
  assert.ok(repaired.repaired > 10);
  assert.equal(unrepaired.repaired, 0);
});

test("packets of speech and of silence have the same sizes", async () => {
  await using cleanups = new AsyncDisposableStack();
  const lab = await PartyLab.start();
  cleanups.defer(() => lab.close());
  const chromium = await launchChromium();
  cleanups.defer(() => chromium.close());
  const sizesOf = async (microphone: "speech" | "silence") => {
    const { party, network } = await openBehindNetwork(lab, chromium, cleanups);
    await party.join({ ...lab.newCall(), name: "Ada", microphone });
    await party.untilStats("packets", () => network.sentSizes.length >= PACKETS);
    await party.leave();
    return network.sentSizes.slice(0, PACKETS);
  };
  const [speech, silence] = [await sizesOf("speech"), await sizesOf("silence")];
  assert.deepEqual(silence, speech);
  // The counter in the header grows, from no byte of its own to one.
  const [first = 0] = speech;
  assert.deepEqual(new Set(speech), new Set([first, first + 1]));
});

const AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

test("who speaks is shown to those who hear it, and not told to the network", async () => {
  await using cleanups = new AsyncDisposableStack();
  const lab = await PartyLab.start();
  cleanups.defer(() => lab.close());
  const chromium = await launchChromium();
  cleanups.defer(() => chromium.close());
  const invitation = lab.newCall();
  const join = async (name: string, request: Partial<PartyRequest>) => {
    const { party, network } = await openBehindNetwork(lab, chromium, cleanups);
    await party.join({ ...invitation, name, ...request });
    return { party, network };
  };
  const ada = await join("Ada", { microphone: "speech" });
  const eve = await join("Eve", { microphone: "silence" });
  const bob = await join("Bob", {});
  await bob.party.untilStats("sound of both", ({ audio }) => audio.length === 2);
  const { speakers } = await bob.party.untilStats(
    "a speaker",
    (stats) => stats.speakers.length > 0,
  );
  assert.deepEqual(speakers, [ada.party.participantId]);
  for (const { party, network } of [ada, eve]) {
    await party.untilStats("packets", () => network.sentSizes.length >= PACKETS);
    const { extensions } = await party.stats();
    assert.equal(extensions[AUDIO_LEVEL], undefined);
    const known = new Set(Object.values(extensions));
    assert.ok(network.sentExtensions.size > 0, "the packets have others");
    assert.deepEqual(
      [...network.sentExtensions].filter((id) => !known.has(id)),
      [],
    );
  }

  const open = await join("Oda", { microphone: "speech", audioLevels: true });
  const { extensions } = await open.party.untilStats(
    "packets",
    () => open.network.sentSizes.length >= PACKETS,
  );
  assert.ok(open.network.sentExtensions.has(extensions[AUDIO_LEVEL] ?? 0), "it tells on request");
});

async function openBehindNetwork(
  lab: PartyLab,
  { browser }: Chromium,
  cleanups: AsyncDisposableStack,
): Promise<{ party: Party; network: LossyUdp }> {
  const network = new LossyUdp();
  cleanups.defer(() => {
    network.close();
  });
  const page = await browser.newPage();
  await routeBy(page, network);
  await page.goto(lab.url);
  return { party: new Party(page), network };
}
