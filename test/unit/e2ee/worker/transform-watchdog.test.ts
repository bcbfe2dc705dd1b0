import assert from "node:assert/strict";
import { test } from "node:test";
import type { SentMedia } from "../../../../src/e2ee/worker/transform-watchdog.ts";
import { TransformWatchdog } from "../../../../src/e2ee/worker/transform-watchdog.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

/** One sender whose two sides the test sets by hand. */
function createWatch() {
  const clock = new ManualClock();
  const state = {
    sent: { packets: 0, framesEncoded: 0 } as SentMedia | undefined,
    seen: 0,
    underWay: 0,
    reads: 0,
    verdicts: [] as string[],
  };
  const watchdog = new TransformWatchdog(
    {
      senders: () => [
        {
          id: "s1",
          readSent: () => {
            state.reads += 1;
            return Promise.resolve(state.sent);
          },
        },
      ],
      readSeen: () => Promise.resolve(new Map([["s1", state]])),
      verdict: (id, verdict) => state.verdicts.push(`${id} ${verdict}`),
    },
    clock,
    1_000,
  );
  return { clock, state, watchdog };
}

type Watch = ReturnType<typeof createWatch>;

/** Two looks, after which what is sent counts. */
async function settle({ watchdog }: Watch): Promise<void> {
  await watchdog.check();
  await watchdog.check();
}

test("packets that no frame in the transform explains are a leak", async () => {
  const watch = createWatch();
  const { state, watchdog } = watch;
  await settle(watch);
  state.sent = { packets: 60, framesEncoded: 30 };
  await watchdog.check();
  assert.deepEqual(state.verdicts, ["s1 unsealed"]);
});

test("a frame that is long in sealing stands in the way of those behind it, and is no leak", async () => {
  const watch = createWatch();
  const { state, watchdog } = watch;
  await settle(watch);
  state.underWay = 1;
  state.sent = { packets: 60, framesEncoded: 30 };
  await watchdog.check();
  assert.deepEqual(state.verdicts, []);
  state.underWay = 0;
  await settle(watch);
  state.sent = { packets: 120, framesEncoded: 60 };
  await watchdog.check();
  assert.deepEqual(state.verdicts, ["s1 unsealed"]);
});

test("evidence adds up over checks", async () => {
  const watch = createWatch();
  const { state, watchdog } = watch;
  await settle(watch);
  for (const framesEncoded of [2, 4, 6]) {
    state.sent = { packets: framesEncoded * 2, framesEncoded };
    await watchdog.check();
  }
  assert.deepEqual(state.verdicts, ["s1 unsealed"]);
});

test("audio counts by its packets", async () => {
  const watch = createWatch();
  const { state, watchdog } = watch;
  state.sent = { packets: 100, framesEncoded: undefined };
  await settle(watch);
  state.sent = { packets: 105, framesEncoded: undefined };
  await watchdog.check();
  assert.deepEqual(state.verdicts, []);
  state.sent = { packets: 150, framesEncoded: undefined };
  await watchdog.check();
  assert.deepEqual(state.verdicts, ["s1 unsealed"]);
});

test("what was under way when a stream stopped is no leak", async () => {
  const watch = createWatch();
  const { state, watchdog } = watch;
  // The worker's answer comes late: it has seen frames of which the sender's side counts no packet yet.
  state.sent = { packets: 50, framesEncoded: undefined };
  state.seen = 65;
  await watchdog.check();
  state.sent = { packets: 65, framesEncoded: undefined };
  for (let check = 0; check < 5; check += 1) await watchdog.check();
  assert.deepEqual(state.verdicts, []);
  state.sent = { packets: 80, framesEncoded: undefined };
  await watchdog.check();
  assert.deepEqual(state.verdicts, ["s1 unsealed"]);
});

test("frames that pass the transform are no leak, sealed or dropped", async () => {
  const { state, watchdog } = createWatch();
  for (let check = 1; check < 10; check += 1) {
    state.sent = { packets: check * 100, framesEncoded: check * 30 };
    state.seen = check * 30;
    await watchdog.check();
  }
  assert.deepEqual(state.verdicts, []);
});

test("padding of a camera that is off is no leak", async () => {
  const watch = createWatch();
  const { state, watchdog } = watch;
  await settle(watch);
  state.sent = { packets: 5_000, framesEncoded: 0 };
  await watchdog.check();
  assert.deepEqual(state.verdicts, []);
});

test("an encoder whose frames arrive nowhere is stalled", async () => {
  const watch = createWatch();
  const { state, watchdog } = watch;
  await settle(watch);
  state.sent = { packets: 0, framesEncoded: 30 };
  await watchdog.check();
  assert.deepEqual(state.verdicts, ["s1 stalled"]);
});

test("a sender without statistics is no reason for anything", async () => {
  const { state, watchdog } = createWatch();
  state.sent = undefined;
  await watchdog.check();
  await watchdog.check();
  assert.deepEqual(state.verdicts, []);
});

test("it checks by the clock until it is closed", async () => {
  const { clock, state, watchdog } = createWatch();
  clock.advance(1_000);
  assert.equal(state.reads, 1);
  await watchdog.check();
  watchdog.close("over");
  assert.equal(clock.pending, 0);
  await watchdog.check();
  assert.equal(state.reads, 1);
});
