import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { readStamp, writeStamp } from "../../../loadtest/engine/frame-stamp.ts";
import type { SealingKey } from "../../../loadtest/engine/sealed-frame.ts";
import { readSealed, SealingKey as Key } from "../../../loadtest/engine/sealed-frame.ts";
import { FrameKeys } from "../../../loadtest/participant/frame-keys.ts";
import { FrameOpener } from "../../../src/e2ee/frame/frame-opener.ts";
import { FrameSealer } from "../../../src/e2ee/frame/frame-sealer.ts";
import { kindOf } from "../../../src/e2ee/frame/media-source.ts";
import { Keyring } from "../../../src/e2ee/frame/keyring.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { epochKeysOf, OPUS, VP8 } from "../e2ee/frame/roster.ts";

const SOURCES = [
  { source: "microphone", codec: OPUS },
  { source: "camera", codec: VP8 },
] as const;

function keyOf(source: "microphone" | "camera"): SealingKey {
  const keys = epochKeysOf("alice", 7);
  return new Key(new FrameKeys().of(keys, keys.ownLeafIndex, source));
}

function keyringOf(person: "alice" | "bob"): Keyring {
  const keyring = new Keyring({ clock: new ManualClock() });
  keyring.setEpoch(epochKeysOf(person, 7));
  return keyring;
}

test("a client opens what the portable engine has sealed", async () => {
  for (const { source, codec } of SOURCES) {
    const key = keyOf(source);
    const opener = new FrameOpener(keyringOf("bob"), { participantId: "alice", source });
    let counter = 0;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 10, maxLength: 90 }), async (frame) => {
        const sealed = Uint8Array.from(key.seal(frame, counter++));
        const opened = await opener.open(sealed, codec);
        assert.ok(opened.status === "opened");
        assert.deepEqual(opened.data, Uint8Array.from(frame));
      }),
      { numRuns: 25 },
    );
  }
});

test("the portable engine opens what a client has sealed", async () => {
  for (const { source, codec } of SOURCES) {
    const key = keyOf(source);
    const sealer = new FrameSealer(keyringOf("alice"), source);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 10, maxLength: 90 }), async (bytes) => {
        const sealed = await sealer.seal(Uint8Array.from(bytes), codec);
        assert.ok(sealed.status === "sealed");
        const parts = readSealed(Buffer.from(sealed.data), kindOf(source));
        assert.ok(parts !== undefined && parts.keyId === key.keyId);
        assert.deepEqual(Uint8Array.from(key.open(parts) ?? []), Uint8Array.from(bytes));
      }),
      { numRuns: 25 },
    );
  }
});

test("a frame with any byte changed does not open", () => {
  const key = keyOf("camera");
  const frame = Buffer.alloc(40, 0x51);
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (place, change) => {
      const sealed = key.seal(frame, 300);
      const at = place % sealed.length;
      sealed[at] = (sealed[at] ?? 0) ^ change;
      const parts = readSealed(sealed, "video");
      const isOpen =
        parts !== undefined && parts.keyId === key.keyId && key.open(parts) !== undefined;
      assert.equal(isOpen, false);
    }),
  );
});

test("bytes of any kind are taken apart without an error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const parts = readSealed(Buffer.from(bytes), "audio");
      if (parts !== undefined) assert.equal(keyOf("microphone").open(parts), undefined);
    }),
    { numRuns: 300 },
  );
});

test("stamps come out as they went in, and other frames have none", () => {
  const frame = Buffer.alloc(60);
  writeStamp(frame, { sentAtUs: 1_795_000_000_123_456, number: 4_000_000_000 });
  assert.deepEqual(readStamp(frame), { sentAtUs: 1_795_000_000_123_456, number: 4_000_000_000 });
  assert.equal(readStamp(Buffer.alloc(60)), undefined);
  assert.equal(readStamp(Buffer.alloc(3)), undefined);
});
