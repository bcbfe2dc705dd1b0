import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "puppeteer-core";
import { launchChromium } from "../support/chromium-browser.ts";
import { launchFirefox } from "../support/firefox-browser.ts";
import type { PartyStats } from "./e2ee-page/page.ts";
import { isSettled, Party, PartyLab, refusalsOf } from "../support/party-lab.ts";

const SIZE = { width: 640, height: 360 };

describe("Chromium and Firefox in one call", () => {
  const cleanups = new AsyncDisposableStack();
  let lab: PartyLab;
  let openIn: (browser: Browser) => Promise<Party>;
  let browsers: { readonly chromium: Browser; readonly firefox: Browser };
  let ada: Party;
  let bob: Party;

  before(async () => {
    lab = await PartyLab.start();
    cleanups.defer(() => lab.close());
    const chromium = await launchChromium();
    cleanups.defer(() => chromium.close());
    const firefox = await launchFirefox();
    cleanups.defer(() => firefox.close());
    browsers = { chromium: chromium.browser, firefox };
    openIn = async (browser) => {
      const page = await browser.newPage();
      await page.goto(lab.url);
      return new Party(page);
    };
    [ada, bob] = [await openIn(browsers.chromium), await openIn(browsers.firefox)];
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
      await receiver.untilStats("every stream opens", isSettled);
      const stats = await receiver.untilStats(`${browser}'s picture and sound`, (current) => {
        const video = current.video.find(
          ({ participantId }) => participantId === sender.participantId,
        );
        const audio = current.audio.find(
          ({ participantId }) => participantId === sender.participantId,
        );
        // The worker tells its counters once a second, later than the browser does.
        const isOpened = ["camera", "microphone"].every((source) =>
          current.opened.some((stream) => stream.source === source && stream.opened > 10),
        );
        const isShown = current.speakers.includes(sender.participantId);
        return (
          isOpened && isShown && (video?.framesDecoded ?? 0) > 30 && (audio?.energy ?? 0) > 0.001
        );
      });
      assert.equal(stats.video[0]?.codec, "video/vp8");
      assert.deepEqual(refusalsOf(stats), {});
      const { energy, concealedSamples, samples } = stats.audio[0] ?? assert.fail();
      context.diagnostic(
        `of ${browser}: ${stats.video[0].framesDecoded} frames of ${stats.video[0].frameHeight}` +
          ` lines, energy ${energy.toFixed(3)}, ${concealedSamples} of ${samples} samples concealed`,
      );
    }
  });

  it("see each other where one prefers a codec that the other has no decoder for", async () => {
    await Promise.all([ada.leave(), bob.leave()]);
    const invitation = lab.newCall();
    const camera = { colour: [200, 90, 30], size: SIZE } as const;
    await ada.join({ ...invitation, name: "Ada", camera, preferredCodec: "h264" });
    const eve = await openIn(browsers.chromium);
    await eve.join({ ...invitation, name: "Eve" });
    await eve.untilStats("H.264, which both know", ({ video }) =>
      video.some(({ codec, framesDecoded }) => codec === "video/h264" && framesDecoded > 10),
    );
    await bob.join({ ...invitation, name: "Bob" });
    const isVp8 = ({ video }: PartyStats) =>
      video.some(({ codec, framesDecoded }) => codec === "video/vp8" && framesDecoded > 10);
    await Promise.all([
      bob.untilStats("a picture that Firefox can show", isVp8),
      eve.untilStats("the same for everybody else", isVp8),
    ]);
    await bob.leave();
    const { video } = await eve.untilStats("H.264 again", (stats) =>
      stats.video.some(({ codec, framesDecoded }) => codec === "video/h264" && framesDecoded > 10),
    );
    assert.equal(video.length, 1);
    await Promise.all([ada.leave(), eve.leave()]);
  });
});
