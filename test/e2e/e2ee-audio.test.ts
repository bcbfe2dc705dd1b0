import assert from "node:assert/strict";
import { test } from "node:test";
import { measureAudioLoss } from "../support/audio-loss.ts";
import { launchChromium } from "../support/chromium-browser.ts";
import { LossyUdp } from "../support/lossy-udp.ts";
import { Party, PartyLab, routeBy } from "../support/party-lab.ts";

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
    const network = new LossyUdp();
    cleanups.defer(() => {
      network.close();
    });
    const page = await chromium.browser.newPage();
    await routeBy(page, network);
    await page.goto(lab.url);
    const party = new Party(page);
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
