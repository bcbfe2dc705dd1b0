import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Keyring } from "../../../../src/e2ee/frame/keyring.ts";
import { EPOCH_RESIDUES } from "../../../../src/e2ee/frame/key-id.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { epochKeysOf } from "./roster.ts";

test("an old epoch opens frames for its lifetime, then its keys are wiped", async () => {
  const clock = new ManualClock();
  const keyring = new Keyring({ clock, oldEpochLifetimeMs: 10_000 });
  keyring.setEpoch(epochKeysOf("alice", 1));
  const first = keyring.epochWithResidue(1);
  const cipher = await first?.receivingStream("camera", 1).cipher.promise;
  clock.advance(60_000);
  assert.equal(keyring.epochWithResidue(1), first, "the current epoch does not expire");

  keyring.setEpoch(epochKeysOf("alice", 2));
  clock.advance(9_999);
  assert.equal(keyring.epochWithResidue(1), first);
  clock.advance(1);
  assert.equal(keyring.epochWithResidue(1), undefined);
  assert.throws(() => first?.receivingStream("screen", 1), { code: "wiped" });
  const bytes = new Uint8Array(20);
  await assert.rejects(cipher?.open(0, bytes, bytes) ?? Promise.resolve(), { code: "wiped" });
});

test("old epochs are bounded in number too", () => {
  const keyring = new Keyring({ clock: new ManualClock(), oldEpochLimit: 3 });
  for (let epoch = 0; epoch < 10; epoch += 1) keyring.setEpoch(epochKeysOf("alice", epoch));
  assert.equal(keyring.epochCount, 4);
  assert.deepEqual(
    [5, 6, 7, 8, 9].map((residue) => keyring.epochWithResidue(residue)?.number),
    [undefined, 6, 7, 8, 9],
  );
});

test("an epoch with the same residue replaces the older one", () => {
  const keyring = new Keyring({ clock: new ManualClock() });
  keyring.setEpoch(epochKeysOf("alice", 3, 1));
  keyring.setEpoch(epochKeysOf("alice", 3 + EPOCH_RESIDUES, 2));
  assert.equal(keyring.epochCount, 1);
  assert.equal(keyring.epochWithResidue(3)?.number, 3 + EPOCH_RESIDUES);
  assert.equal(keyring.sending?.number, 3 + EPOCH_RESIDUES);
});

test("a group that was re-made may count from zero again", () => {
  const keyring = new Keyring({ clock: new ManualClock() });
  keyring.setEpoch(epochKeysOf("alice", 100, 1));
  keyring.setEpoch(epochKeysOf("alice", 0, 2));
  assert.equal(keyring.sending?.number, 0);
  assert.equal(keyring.current?.number, 0);
});

test("the same keys again change nothing: the counters go on", () => {
  const keyring = new Keyring({ clock: new ManualClock() });
  keyring.setEpoch(epochKeysOf("alice", 1));
  const stream = keyring.sending?.sendingStream("camera");
  assert.equal(stream?.takeCounter(), 0);
  keyring.setEpoch(epochKeysOf("alice", 1));
  assert.equal(keyring.sending?.sendingStream("camera"), stream);
  assert.equal(stream?.takeCounter(), 1);
});

test("the keys of an epoch that was replaced never come back", () => {
  const clock = new ManualClock();
  const keyring = new Keyring({ clock });
  keyring.setEpoch(epochKeysOf("alice", 1, 1));
  keyring.setEpoch(epochKeysOf("alice", 2, 2));
  assert.throws(() => keyring.setEpoch(epochKeysOf("alice", 1, 1)), { code: "bad-argument" });
  clock.advance(60_000);
  assert.throws(() => keyring.setEpoch(epochKeysOf("alice", 9, 1)), { code: "bad-argument" });
  assert.equal(keyring.sending?.number, 2);
});

test("an epoch that is for receiving only ends all sending", () => {
  const keyring = new Keyring({ clock: new ManualClock() });
  keyring.setEpoch(epochKeysOf("alice", 1));
  keyring.setEpoch(epochKeysOf("alice", 2), { receiveOnly: true });
  assert.equal(keyring.current?.number, 2);
  assert.ok(!keyring.sending);
  keyring.setEpoch(epochKeysOf("alice", 3));
  assert.deepEqual(keyring.sending, keyring.current);
});

test("sending can wait for slow receivers, unless there is nothing to go on with", () => {
  const clock = new ManualClock();
  const keyring = new Keyring({ clock });
  keyring.setEpoch(epochKeysOf("alice", 1), { sendAfterMs: 1_000 });
  assert.equal(keyring.sending?.number, 1, "the first epoch sends at once");
  keyring.setEpoch(epochKeysOf("alice", 2), { sendAfterMs: 1_000 });
  assert.equal(keyring.current?.number, 2);
  clock.advance(999);
  assert.equal(keyring.sending?.number, 1);
  clock.advance(1);
  assert.equal(keyring.sending?.number, 2);
});

test("an epoch that shuts somebody out is sent with at once, though another was to come", () => {
  const clock = new ManualClock();
  const keyring = new Keyring({ clock });
  keyring.setEpoch(epochKeysOf("alice", 1));
  keyring.setEpoch(epochKeysOf("alice", 2), { sendAfterMs: 1_000 });
  keyring.setEpoch(epochKeysOf("alice", 3));
  assert.equal(keyring.sending?.number, 3);
  clock.advance(1_000);
  assert.equal(keyring.sending?.number, 3, "the delay of epoch 2 must not bring it back");
});

test("an epoch that is dropped while it still sends gives way to its successor", () => {
  const keyring = new Keyring({ clock: new ManualClock(), oldEpochLimit: 1 });
  keyring.setEpoch(epochKeysOf("alice", 1));
  keyring.setEpoch(epochKeysOf("alice", 2), { sendAfterMs: 5_000 });
  keyring.setEpoch(epochKeysOf("alice", 3), { sendAfterMs: 5_000 });
  assert.equal(keyring.epochWithResidue(1), undefined);
  assert.equal(keyring.sending?.number, 3);
});

test("closing wipes all epochs and leaves no timer", () => {
  const clock = new ManualClock();
  const keyring = new Keyring({ clock });
  keyring.setEpoch(epochKeysOf("alice", 1));
  keyring.setEpoch(epochKeysOf("alice", 2), { sendAfterMs: 100 });
  const epoch = keyring.current;
  keyring.close("the call is over");
  assert.equal(clock.pending, 0);
  assert.equal(keyring.epochCount, 0);
  assert.equal(keyring.sending, undefined);
  assert.throws(() => epoch?.sendingStream("camera"), { code: "wiped" });
  assert.throws(() => keyring.setEpoch(epochKeysOf("alice", 3)), { code: "closed" });
});

test("the caller's copy of the base key may be wiped at once", async () => {
  const keyring = new Keyring({ clock: new ManualClock() });
  const other = new Keyring({ clock: new ManualClock() });
  const keys = epochKeysOf("alice", 1);
  keyring.setEpoch(keys);
  keys.baseKey.fill(0);
  other.setEpoch(epochKeysOf("bob", 1));
  const [input, aad] = [new Uint8Array(4), new Uint8Array(1)];
  const sealing = await keyring.current?.sendingStream("camera").cipher.promise;
  const opening = await other.current?.receivingStream("camera", 0).cipher.promise;
  assert.ok(sealing && opening);
  const sealed = new Uint8Array(await sealing.seal(0, aad, input));
  assert.deepEqual(await opening.open(0, aad, sealed), input.buffer);
});

test("keys and limits that make no sense are refused", () => {
  const keyring = new Keyring({ clock: new ManualClock() });
  const good = epochKeysOf("alice", 1);
  const owner = { participantId: "alice", leafIndex: 0 };
  const bad = [
    { ...good, epoch: -1 },
    { ...good, epoch: 1.5 },
    { ...good, baseKey: new Uint8Array(31) },
    { ...good, ownLeafIndex: 7 },
    { ...good, leaves: [] },
    { ...good, leaves: [owner, { participantId: "bob", leafIndex: 0 }] },
    { ...good, leaves: [owner, { participantId: "bob", leafIndex: 65_536 }] },
    { ...good, leaves: [owner, { participantId: "", leafIndex: 1 }] },
  ];
  for (const keys of bad) assert.throws(() => keyring.setEpoch(keys), { code: "bad-argument" });
  assert.equal(keyring.epochCount, 0);
  const late = { sendAfterMs: 10_001 };
  assert.throws(() => keyring.setEpoch(good, late), { code: "bad-argument" });
  assert.throws(() => new Keyring({ oldEpochLimit: 9 }), { code: "bad-argument" });
  assert.throws(() => new Keyring({ oldEpochLifetimeMs: -1 }), { code: "bad-argument" });
});

test("what was sealed before this client came is told from what is yet to come", () => {
  const clock = new ManualClock();
  const keyring = new Keyring({ clock, oldEpochLifetimeMs: 10_000 });
  assert.equal(keyring.isBeforeEntry(0), false, "nobody has come yet");
  const before = () =>
    Array.from({ length: EPOCH_RESIDUES }, (_, residue) => residue).filter((residue) =>
      keyring.isBeforeEntry(residue),
    );
  keyring.setEpoch(epochKeysOf("alice", 20));
  // Epoch 20 has residue 4. Residue 12 is as far behind as ahead.
  assert.deepEqual(before(), [0, 1, 2, 3, 13, 14, 15]);
  keyring.setEpoch(epochKeysOf("alice", 21));
  assert.deepEqual(before(), [0, 1, 2, 3, 13, 14, 15], "the entry counts, not the epoch");
  clock.advance(9_999);
  assert.ok(before().length > 0);
  clock.advance(1);
  assert.deepEqual(before(), [], "later it would be trouble");
});

test("who comes back has missed the epochs between, and nobody else has", () => {
  const clock = new ManualClock();
  const keyring = new Keyring({ clock });
  keyring.setEpoch(epochKeysOf("alice", 1));
  clock.advance(60_000);
  keyring.setEpoch(epochKeysOf("alice", 2));
  assert.equal(keyring.isBeforeEntry(0), false);
  keyring.setEpoch(epochKeysOf("alice", 6));
  assert.deepEqual(
    [3, 4, 5, 6, 7].map((residue) => keyring.isBeforeEntry(residue)),
    [true, true, true, false, false],
  );
});

test("neither the present epoch nor the next one ever counts as sealed before", () => {
  // Together below 256, as the keys of these epochs differ by one byte.
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.nat(4_000)), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.nat(1_000), steps, (first, all) => {
      const clock = new ManualClock();
      const keyring = new Keyring({ clock });
      let number = first;
      for (const [step, ms] of [[0, 0] as const, ...all]) {
        clock.advance(ms);
        number += step;
        keyring.setEpoch(epochKeysOf("alice", number, number % 256));
        for (const epoch of [number, number + 1]) {
          assert.equal(keyring.isBeforeEntry(epoch % EPOCH_RESIDUES), false, `epoch ${epoch}`);
        }
      }
      keyring.close("checked");
    }),
  );
});
