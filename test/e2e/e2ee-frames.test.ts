import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { ChromiumPage } from "../support/chromium-page.ts";
import { openChromiumPage } from "../support/chromium-page.ts";
import type { Attack } from "./frame-loop/attack.ts";
import type { LoopOptions, LoopState } from "./frame-loop/page.ts";

const FOLDER = new URL("./frame-loop/", import.meta.url);

test("sealed video and audio flow once both have the keys, and over a rekey without a loss", async (context) => {
  const { page } = await startLoop(context);
  const before = await waitFor(page, "frames that nobody can seal", ({ senders }) =>
    isAbove(senders["camera"]?.dropped["no-key"], 20),
  );
  assert.equal(before.packetsSent, 0, "no packet may leave without a key");
  assert.equal(before.framesDecoded, 0);

  await setEpoch(page, "bob", 1, 1);
  await setEpoch(page, "alice", 1, 1);
  const flowing = await waitFor(
    page,
    "decoded video and audible audio",
    (state) =>
      isAbove(state.framesDecoded, 30) &&
      isAbove(state.audioEnergy, 0) &&
      isAbove(state.receivers["microphone"]?.opened, 50),
  );
  assert.deepEqual(refusals(flowing), {});

  // Alice is ahead: what she seals with the new keys waits until Bob has them too.
  await setEpoch(page, "alice", 2, 2);
  const sealedBefore = (await readState(page)).senders["camera"]?.sealed ?? 0;
  await waitFor(
    page,
    "frames of the new epoch",
    ({ senders, receivers }) =>
      isAbove(senders["camera"]?.sealed, sealedBefore + 5) && isAbove(receivers["camera"]?.held, 0),
  );
  await setEpoch(page, "bob", 2, 2);
  const { framesDecoded } = await readState(page);
  const after = await waitFor(page, "video after the rekey", (state) =>
    isAbove(state.framesDecoded, framesDecoded + 30),
  );
  assert.deepEqual(refusals(after), {}, "the rekey lost a frame");
  assert.deepEqual(after.events, []);

  const camera = after.senders["camera"];
  assert.ok(camera !== undefined && camera.busyMs > 0);
  const microseconds = (camera.busyMs / camera.sealed) * 1000;
  context.diagnostic(`sealing took ${microseconds.toFixed(0)} µs a frame`);
});

test("frames that were altered, replayed or never sealed don't reach the decoder", async (context) => {
  const { page } = await startLoop(context);
  await setEpoch(page, "bob", 1, 1);
  await setEpoch(page, "alice", 1, 1);
  await waitFor(page, "decoded video", (state) => isAbove(state.framesDecoded, 10));
  for (const attack of ["alter-clear", "alter-sealed", "replay", "unsealed"] as const) {
    await endure(page, attack);
  }
});

test("a wrong key opens nothing, and the trouble has a name", async (context) => {
  const { page } = await startLoop(context);
  await setEpoch(page, "bob", 1, 9);
  await setEpoch(page, "alice", 1, 1);
  const state = await waitFor(page, "trouble", ({ events }) =>
    events.includes("trouble camera tampered"),
  );
  assert.equal(state.framesDecoded, 0);
  assert.equal(state.receivers["camera"]?.opened, 0);
});

test("a browser that has only createEncodedStreams seals and opens just as well", async (context) => {
  const { page } = await startLoop(context, { isOld: true });
  const silent = await waitFor(page, "frames in the transform", ({ senders }) =>
    isAbove(senders["camera"]?.dropped["no-key"], 5),
  );
  assert.equal(silent.packetsSent, 0, "nothing leaves without keys");
  await setEpoch(page, "bob", 1, 1);
  await setEpoch(page, "alice", 1, 1);
  const { framesDecoded } = await waitFor(
    page,
    "decoded media",
    (state) => isAbove(state.framesDecoded, 10) && state.audioEnergy > 0,
  );
  await setEpoch(page, "bob", 2, 2);
  await setEpoch(page, "alice", 2, 2);
  const after = await waitFor(page, "video of the new epoch", (state) =>
    isAbove(state.framesDecoded, framesDecoded + 30),
  );
  assert.deepEqual(refusals(after), {});
  assert.deepEqual(after.events, []);
});

test("media that leaves past the transform is noticed and stopped", async (context) => {
  const { page } = await startLoop(context, { isBypassed: true });
  await setEpoch(page, "bob", 1, 1);
  await setEpoch(page, "alice", 1, 1);
  const state = await waitFor(page, "the watchdog", ({ events }) =>
    events.includes("unsealed camera"),
  );
  assert.ok(!state.events.includes("unsealed microphone"), "the microphone is sealed");
  await waitFor(page, "the end of the track", ({ tracksSent }) => tracksSent.join() === "audio");
  assert.equal(state.receivers["camera"]?.opened ?? 0, 0);
  assert.equal(state.framesDecoded, 0, "the receiver refuses it all the same");
});

type Page = ChromiumPage["page"];

async function startLoop(context: TestContext, options: LoopOptions = {}): Promise<ChromiumPage> {
  const opened = await openChromiumPage(FOLDER);
  context.after(() => opened.close());
  await opened.page.evaluate((chosen) => window.frameLoop.start(chosen), options);
  context.after(() => {
    assert.deepEqual(opened.errors, []);
  });
  return opened;
}

/** Runs an attack until it has hit 20 frames, and checks that the call recovers after it. */
async function endure(page: Page, attack: Attack): Promise<void> {
  const before = await readState(page);
  await setAttack(page, attack);
  const during = await waitFor(
    page,
    attack,
    (state) => countRefusals(state, "camera") >= countRefusals(before, "camera") + 20,
  );
  const opened = during.receivers["camera"]?.opened ?? 0;
  await waitFor(
    page,
    `more of ${attack}`,
    (state) => countRefusals(state, "camera") >= countRefusals(during, "camera") + 20,
  );
  assert.equal((await readState(page)).receivers["camera"]?.opened, opened, `${attack} opened`);
  await setAttack(page, "none");
  await page.evaluate(() => window.frameLoop.requestKeyFrame());
  const { framesDecoded } = await readState(page);
  await waitFor(page, `video after ${attack}`, (state) =>
    isAbove(state.framesDecoded, framesDecoded + 10),
  );
}

function setAttack(page: Page, attack: Attack): Promise<void> {
  return page.evaluate((name) => {
    window.frameLoop.setAttack(name);
  }, attack);
}

function setEpoch(page: Page, who: "alice" | "bob", epoch: number, key: number): Promise<void> {
  return page.evaluate(
    (...parameters) => {
      window.frameLoop.setEpoch(...parameters);
    },
    who,
    epoch,
    key,
  );
}

function readState(page: Page): Promise<LoopState> {
  return page.evaluate(() => window.frameLoop.state());
}

async function waitFor(
  page: Page,
  what: string,
  isReached: (state: LoopState) => boolean,
): Promise<LoopState> {
  const endMs = Date.now() + 30_000;
  for (;;) {
    const state = await readState(page);
    if (isReached(state)) return state;
    assert.ok(Date.now() < endMs, `${what} did not come: ${JSON.stringify(state, null, 1)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isAbove(value: number | undefined, bound: number): boolean {
  return value !== undefined && value > bound;
}

function countRefusals(state: LoopState, source: string): number {
  const receiver = state.receivers[source];
  if (receiver === undefined) return 0;
  return Object.values(receiver.dropped).reduce((sum, count) => sum + count, 0);
}

/** All refusals of receivers that did occur, but those of harmless retransmissions. */
function refusals(state: LoopState): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [source, { dropped }] of Object.entries(state.receivers)) {
    for (const [cause, count] of Object.entries(dropped)) {
      if (count > 0 && cause !== "replayed") found[`${source} ${cause}`] = count;
    }
  }
  return found;
}
