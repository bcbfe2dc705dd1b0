import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { observer } from "mediasoup";
import type { types } from "mediasoup";
import type { VideoCodec } from "../../src/client/index.ts";
import type { Chromium } from "../support/chromium-browser.ts";
import { launchChromium } from "../support/chromium-browser.ts";
import { isSettled, Party, PartyLab, refusalsOf } from "../support/party-lab.ts";

const CAMERA = { colour: [30, 90, 200], size: { width: 1_280, height: 720 } } as const;
/** Each codec, and whether it is sent in several sizes. */
const CODECS: readonly { codec: VideoCodec; hasSizes: boolean }[] = [
  { codec: "vp8", hasSizes: true },
  { codec: "vp9", hasSizes: true },
  { codec: "h264", hasSizes: true },
  { codec: "av1", hasSizes: false },
];
const LOWEST_LINES = 180;
/** Each of them is of several packets. */
const MANY_FRAMES = 100;

/** What passes the SFU, seen by mediasoup's own observer. */
class Watch {
  keyFrames = 0;
  readonly consumers: types.Consumer[] = [];
  readonly #onWorker = (worker: types.Worker): void => {
    worker.observer.on("newrouter", (router) => {
      router.observer.on("newtransport", (transport) => {
        transport.observer.on("newproducer", (producer) => {
          if (producer.kind === "audio") return;
          void producer.enableTraceEvent(["keyframe"]);
          producer.on("trace", ({ info }) => {
            if (info.isRtx !== true) this.keyFrames += 1;
          });
        });
        transport.observer.on("newconsumer", (consumer) => this.consumers.push(consumer));
      });
    });
  };

  constructor() {
    observer.on("newworker", this.#onWorker);
  }

  close(): void {
    observer.off("newworker", this.#onWorker);
  }
}

describe("sealed video through the SFU, in Chromium", () => {
  const cleanups = new AsyncDisposableStack();
  const watch = new Watch();
  let lab: PartyLab;
  let chromium: Chromium;
  let ada: Party;
  let bob: Party;

  before(async () => {
    cleanups.defer(() => {
      watch.close();
    });
    lab = await PartyLab.start();
    cleanups.defer(() => lab.close());
    chromium = await launchChromium();
    cleanups.defer(() => chromium.close());
    const open = async () => {
      const page = await chromium.browser.newPage({ type: "window" });
      await page.goto(lab.url);
      return new Party(page);
    };
    ada = await open();
    bob = await open();
  });

  after(() => cleanups.disposeAsync());

  for (const { codec, hasSizes } of CODECS) {
    it(`decodes ${codec}, layer by layer, and the SFU knows its key frames`, async (context) => {
      const invitation = lab.newCall();
      watch.keyFrames = 0;
      watch.consumers.length = 0;
      await ada.join({ ...invitation, name: "Ada", camera: CAMERA, preferredCodec: codec });
      await bob.join({ ...invitation, name: "Bob" });
      await bob.untilStats("every stream opens", isSettled);
      const frames = await untilDecoded(30, () => true);
      if (hasSizes) {
        await switchTo(0);
        const low = await untilDecoded(frames + 10, (lines) => lines === LOWEST_LINES);
        await switchTo(2);
        const high = await untilDecoded(low + 10, (lines) => lines > LOWEST_LINES);
        await switchTo(0);
        await untilDecoded(high + 10, (lines) => lines === LOWEST_LINES);
      }
      const [received, sent] = [await bob.stats(), await ada.stats()];
      assert.deepEqual(refusalsOf(received), {});
      assert.deepEqual(refusalsOf(sent), {});
      assert.deepEqual(sent.sentCodecs, [`video/${codec}`]);
      assert.equal(received.video[0]?.codec, `video/${codec}`);
      assert.ok(watch.keyFrames >= 1, "the SFU saw no key frame");
      assert.ok(
        watch.keyFrames <= sent.keyFramesEncoded,
        `${watch.keyFrames} key frames seen, ${sent.keyFramesEncoded} sent`,
      );
      const [camera] = sent.sealed;
      context.diagnostic(
        `${camera?.sealed} sealed, ${received.opened[0]?.opened} opened, ` +
          `${watch.keyFrames} of ${sent.keyFramesEncoded} key frames seen, ` +
          `${((camera?.busyMs ?? 0) / (camera?.sealed ?? 1)).toFixed(2)} ms a frame`,
      );
      await Promise.all([ada.leave(), bob.leave()]);
    });
  }

  it("opens every frame of H.264 in many packets, whichever layers are switched to", async (context) => {
    const invitation = lab.newCall();
    watch.consumers.length = 0;
    const camera = { colour: "busy", size: { width: 640, height: 360 } } as const;
    await ada.join({ ...invitation, name: "Ada", camera, preferredCodec: "h264" });
    await bob.join({ ...invitation, name: "Bob" });
    let frames = await untilDecoded(10, () => true);
    let switches = 0;
    while (frames < MANY_FRAMES) {
      switches += 1;
      await switchTo(switches % 2, (switches * 2) % 3);
      frames = await untilDecoded(frames + 12, () => true);
    }
    const [received, sent] = [await bob.stats(), await ada.stats()];
    assert.deepEqual(refusalsOf(received), {});
    assert.deepEqual(refusalsOf(sent), {});
    assert.equal(received.video[0]?.codec, "video/h264");
    context.diagnostic(`${received.video[0].framesDecoded} frames, ${switches} times switched`);
    await Promise.all([ada.leave(), bob.leave()]);
  });

  /** Resolves with the number of decoded frames when there are so many, and of the right height. */
  async function untilDecoded(frames: number, fits: (lines: number) => boolean): Promise<number> {
    const { video } = await bob.untilStats(`${frames} frames`, (stats) => {
      const [first] = stats.video;
      return first !== undefined && first.framesDecoded >= frames && fits(first.frameHeight);
    });
    return video[0]?.framesDecoded ?? assert.fail("no video");
  }

  async function switchTo(spatialLayer: number, temporalLayer = 2): Promise<void> {
    const open = watch.consumers.filter((consumer) => !consumer.closed);
    for (const consumer of open) {
      await consumer.setPreferredLayers({ spatialLayer, temporalLayer });
    }
  }
});
