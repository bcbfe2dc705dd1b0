import assert from "node:assert/strict";
import { test } from "node:test";
import { CIPHER_SUITES } from "../../../../src/e2ee/frame/cipher-suite.ts";
import { createFrameCipher } from "../../../../src/e2ee/frame/frame-cipher.ts";
import { LazyCipher } from "../../../../src/e2ee/frame/lazy-cipher.ts";
import { SpentKeys } from "../../../../src/e2ee/frame/spent-keys.ts";
import { MAX_FRAMES_PER_KEY, SendingStream } from "../../../../src/e2ee/frame/streams.ts";

test("a key seals no more frames than it may", () => {
  const cipher = new LazyCipher(createFrameCipher(CIPHER_SUITES[5], 0n, new Uint8Array(32)));
  const stream = new SendingStream(0, cipher, MAX_FRAMES_PER_KEY - 1);
  assert.equal(stream.takeCounter(), MAX_FRAMES_PER_KEY - 1);
  assert.throws(() => stream.takeCounter(), { code: "counter-exhausted" });
  assert.throws(() => stream.takeCounter(), { code: "counter-exhausted" });
});

test("spent keys are remembered by their bytes and their leaf, up to the limit", () => {
  const spent = new SpentKeys(2);
  const keysOf = (byte: number, ownLeafIndex = 0) => ({
    baseKey: new Uint8Array(32).fill(byte),
    ownLeafIndex,
  });
  spent.add(keysOf(1));
  spent.add(keysOf(2));
  assert.ok(spent.has(keysOf(1)));
  assert.ok(!spent.has(keysOf(3)));
  assert.ok(!spent.has(keysOf(1, 256)), "another leaf has keys of its own");
  spent.add(keysOf(3));
  assert.deepEqual(
    [1, 2, 3].map((byte) => spent.has(keysOf(byte))),
    [false, true, true],
  );
});

test("a cipher that is wiped before its key is there is wiped when it comes", async () => {
  const lazy = new LazyCipher(createFrameCipher(CIPHER_SUITES[5], 0n, new Uint8Array(32)));
  lazy.wipe();
  const cipher = await lazy.promise;
  const bytes = new Uint8Array(4);
  await assert.rejects(cipher.seal(0, bytes, bytes), { code: "wiped" });
});
