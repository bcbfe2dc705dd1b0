import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launchChromium } from "../support/chromium-browser.ts";
import { launchFirefox } from "../support/firefox-browser.ts";
import { isSettled, Party, PartyLab, refusalsOf } from "../support/party-lab.ts";

const SIZE = { width: 640, height: 360 };

describe("Chromium and Firefox in one call", () => {
  const cleanups = new AsyncDisposableStack();
  let ada: Party;
  let bob: Party;

  before(async () => {
    const lab = await PartyLab.start();
    cleanups.defer(() => lab.close());
    const chromium = await launchChromium();
    cleanups.defer(() => chromium.close());
    const firefox = await launchFirefox();
    cleanups.defer(() => firefox.close());
    const open = async (browser: typeof firefox) => {
      const page = await browser.newPage();
      await page.goto(lab.url);
      return new Party(page);
    };
    [ada, bob] = [await open(chromium.browser), await open(firefox)];
    const invitation = lab.newCall();
    const camera = { colour: [30, 90, 200], size: SIZE } as const;
    await ada.join({ ...invitation, name: "Ada", camera, microphone: "speech" });
    // Firefox can't send AV1 so that an SFU knows its key frames: it takes VP8, unasked.
    await bob.join({
      ...invitation,
      name: "Bob",
      devices: true,
      preferredCodec: "av1",
    });
  });

  after(() => cleanups.disposeAsync());

  it("see and hear each other, sealed both ways", async (context) => {
    for (const [receiver, sender, browser] of [
      [ada, bob, "Firefox"],
      [bob, ada, "Chromium"],
    ] as const) {
      const settled = await receiver.untilStats("every stream opens", isSettled);
      const stats = await receiver.untilStats(`${browser}'s picture and sound`, (current) => {
        const video = current.video.find(
          ({ participantId }) => participantId === sender.participantId,
        );
        const audio = current.audio.find(
          ({ participantId }) => participantId === sender.participantId,
        );
        return (video?.framesDecoded ?? 0) > 30 && (audio?.energy ?? 0) > 0.001;
      });
      assert.equal(stats.video[0]?.codec, "video/vp8");
      assert.deepEqual(refusalsOf(stats, settled), {});
      for (const source of ["camera", "microphone"]) {
        const opened = stats.opened.find((stream) => stream.source === source);
        assert.ok(opened && opened.opened > 10, `${source} of ${browser} is opened`);
      }
      const { energy, concealedSamples, samples } = stats.audio[0] ?? assert.fail();
      context.diagnostic(
        `of ${browser}: ${stats.video[0].framesDecoded} frames of ${stats.video[0].frameHeight}` +
          ` lines, energy ${energy.toFixed(3)}, ${concealedSamples} of ${samples} samples concealed`,
      );
    }
  });
});
