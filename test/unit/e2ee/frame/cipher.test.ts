import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesToHex } from "@noble/hashes/utils.js";
import * as fc from "fast-check";
import type { CipherSuite } from "../../../../src/e2ee/frame/cipher-suite.ts";
import { CIPHER_SUITES } from "../../../../src/e2ee/frame/cipher-suite.ts";
import { createFrameCipher } from "../../../../src/e2ee/frame/frame-cipher.ts";
import { deriveFrameSecrets, nonceOf } from "../../../../src/e2ee/frame/key-schedule.ts";
import { openSFrame, sealSFrame } from "../../../../src/e2ee/frame/sframe.ts";

const SUITES = Object.values(CIPHER_SUITES);
const GCM_SUITES = SUITES.filter(({ isGcm }) => isGcm);
const bytes = fc.uint8Array({ maxLength: 300 });
const counters = fc.bigInt({ min: 0n, max: (1n << 53n) - 1n });

for (const suite of SUITES) {
  test(`${suite.name}: what was sealed opens, and no changed byte does`, () => {
    fc.assert(
      fc.property(bytes, bytes, counters, fc.nat(), (plaintext, metadata, counter, at) => {
        const secrets = secretsOf(suite);
        const frame = { keyId: 291n, counter, metadata, plaintext };
        const sealed = sealSFrame(suite, secrets, frame);
        const opened = openSFrame(suite, () => secrets, { metadata, bytes: sealed });
        assert.deepEqual(opened.plaintext, plaintext);
        assert.equal(opened.header.counter, counter);

        const { byteLength } = opened.header;
        const changed = Uint8Array.from(sealed);
        const index = byteLength + (at % (sealed.length - byteLength));
        changed[index] = (changed[index] ?? 0) ^ 1;
        assert.throws(() => openSFrame(suite, () => secrets, { metadata, bytes: changed }), {
          code: "tampered",
        });
        const other = Uint8Array.from([...metadata, 0]);
        assert.throws(() => openSFrame(suite, () => secrets, { metadata: other, bytes: sealed }), {
          code: "tampered",
        });
      }),
      { numRuns: 25 },
    );
  });

  test(`${suite.name}: a frame that is cut off anywhere does not open`, () => {
    const secrets = secretsOf(suite);
    const metadata = new Uint8Array(3);
    const frame = { keyId: 291n, counter: 700n, metadata, plaintext: new Uint8Array(40) };
    const sealed = sealSFrame(suite, secrets, frame);
    for (let length = 0; length < sealed.length; length += 1) {
      const cut = { metadata, bytes: sealed.subarray(0, length) };
      assert.throws(
        () => openSFrame(suite, () => secrets, cut),
        ({ code }: { code: string }) => ["malformed", "tampered"].includes(code),
      );
    }
  });

  test(`${suite.name}: keys and nonces of a wrong length are refused`, () => {
    const key = new Uint8Array(suite.keyBytes);
    const none = new Uint8Array(0);
    const refusal = { code: "bad-argument" };
    assert.throws(() => suite.seal(key.subarray(1), new Uint8Array(12), none, none), refusal);
    assert.throws(() => suite.open(key, new Uint8Array(11), none, new Uint8Array(32)), refusal);
  });
}

for (const suite of GCM_SUITES) {
  test(`${suite.name}: WebCrypto and the reference give the same bytes`, async () => {
    const fast = await createFrameCipher(suite, 291n, baseKey(suite));
    assert.notEqual(globalThis.crypto.subtle, undefined);
    const reference = await createFrameCipher(suite, 291n, baseKey(suite), null);
    await fc.assert(
      fc.asyncProperty(bytes, bytes, fc.nat(0xffff_ffff), async (plaintext, metadata, counter) => {
        const [input, aad] = [Uint8Array.from(plaintext), Uint8Array.from(metadata)];
        const sealed = await fast.seal(counter, aad, input);
        assert.deepEqual(sealed, await reference.seal(counter, aad, input));
        const copy = new Uint8Array(sealed);
        assert.deepEqual(await fast.open(counter, aad, copy), input.buffer);
        assert.deepEqual(await reference.open(counter, aad, copy), input.buffer);
        const other = counter === 0 ? 1 : counter - 1;
        await assert.rejects(fast.open(other, aad, copy), { name: "OperationError" });
        await assert.rejects(reference.open(other, aad, copy), { code: "tampered" });
      }),
      { numRuns: 25 },
    );
  });
}

for (const suite of SUITES) {
  test(`${suite.name}: a wiped cipher does nothing any more`, async () => {
    const cipher = await createFrameCipher(suite, 1n, baseKey(suite));
    const input = new Uint8Array(20);
    await cipher.seal(0, input, input);
    cipher.wipe();
    await assert.rejects(cipher.seal(1, input, input), { code: "wiped" });
    await assert.rejects(cipher.open(1, input, input), { code: "wiped" });
  });
}

test("a nonce is the salt XOR the counter as a number of twelve bytes", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 12, maxLength: 12 }),
      fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
      (salt, counter) => {
        const number = BigInt(`0x${bytesToHex(salt)}`) ^ counter;
        assert.equal(bytesToHex(nonceOf(salt, counter)), number.toString(16).padStart(24, "0"));
      },
    ),
  );
});

for (const suite of SUITES) {
  test(`${suite.name}: counters beyond 32 bits are refused, as two could share a nonce`, async () => {
    const cipher = await createFrameCipher(suite, 1n, baseKey(suite));
    const input = new Uint8Array(20);
    for (const counter of [-1, 0.5, 2 ** 32, Number.NaN]) {
      await assert.rejects(cipher.seal(counter, input, input), { code: "bad-argument" });
      await assert.rejects(cipher.open(counter, input, input), { code: "bad-argument" });
    }
  });
}

test("each key id has a key and a salt of its own", () => {
  const suite = CIPHER_SUITES[5];
  const all = [0n, 1n, 16n, 1n << 20n].map((id) => deriveFrameSecrets(suite, id, baseKey(suite)));
  assert.equal(new Set(all.map(({ key }) => key.join())).size, 4);
  assert.equal(new Set(all.map(({ salt }) => salt.join())).size, 4);
});

test("an empty base key is refused", () => {
  assert.throws(() => deriveFrameSecrets(CIPHER_SUITES[5], 0n, new Uint8Array(0)), {
    code: "bad-argument",
  });
});

function baseKey(suite: CipherSuite): Uint8Array {
  return new Uint8Array(suite.keyBytes).fill(7);
}

function secretsOf(suite: CipherSuite) {
  return deriveFrameSecrets(suite, 291n, baseKey(suite));
}
