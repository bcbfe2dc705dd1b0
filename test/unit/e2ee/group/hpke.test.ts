import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ml_kem768_x25519 } from "@noble/post-quantum/hybrid.js";
import { shake256 } from "@noble/hashes/sha3.js";
import { xWing } from "../../../../src/e2ee/group/mls/x-wing.ts";
import { librarySuite, SUITE } from "./library-suite.ts";

const { sealing } = SUITE;
const { decapsulate, deriveKeyPair, derivePrivateKey, encapsulate, isPublicKey } = xWing;

const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const [info, plaintext] = [randomBytes(80), randomBytes(64)];

suite("X-Wing", () => {
  test("derives the keys that other implementations derive", async () => {
    const ikm = randomBytes(64);
    const { privateKey, publicKey } = await deriveKeyPair(ikm);
    assert.deepEqual(privateKey, await derivePrivateKey(ikm));
    const theirs = ml_kem768_x25519.keygen(shake256(ikm, { dkLen: 32 }));
    assert.deepEqual(publicKey, theirs.publicKey);
    const { hpke } = await librarySuite();
    const pair = await hpke.deriveKeyPair(ikm);
    assert.deepEqual(publicKey, await hpke.exportPublicKey(pair.publicKey));
    assert.deepEqual(privateKey, await hpke.exportPrivateKey(pair.privateKey));
  });

  test("agrees with another implementation on secrets, both ways", async () => {
    const seed = randomBytes(32);
    const { publicKey } = ml_kem768_x25519.keygen(seed);
    const ours = await encapsulate(publicKey);
    assert.deepEqual(ml_kem768_x25519.decapsulate(ours.ciphertext, seed), ours.sharedSecret);
    const theirs = ml_kem768_x25519.encapsulate(publicKey);
    assert.deepEqual(await decapsulate(seed, theirs.cipherText), theirs.sharedSecret);
    await assert.rejects(decapsulate(seed, theirs.cipherText.subarray(1)), RangeError);
  });

  test("tells keys that one can seal to from others", async () => {
    const { publicKey } = await deriveKeyPair(randomBytes(64));
    assert(isPublicKey(publicKey));
    assert.equal(publicKey.length, 1_216);
    assert(!isPublicKey(publicKey.subarray(1)));
    // Coefficients of 12 bits at and above ML-KEM's modulus, 3329 = 0xd01.
    for (const [at, value] of [
      [1, 0x0d],
      [2, 0xd0],
    ] as const) {
      const key = publicKey.with(0, 1).with(1, 0x10).with(2, 0).with(at, value);
      assert.equal(isPublicKey(key), false, `byte ${at}`);
      await assert.rejects(encapsulate(key));
    }
  });

  test("takes an X25519 key of small order, which harms its owner only", async () => {
    const { publicKey } = await deriveKeyPair(randomBytes(64));
    const weak = Uint8Array.of(...publicKey.subarray(0, 1_184), ...new Uint8Array(32));
    assert(isPublicKey(weak));
    const { sharedSecret } = await encapsulate(weak);
    assert.equal(sharedSecret.length, 32);
  });
});

suite("HPKE", () => {
  test("seals for other implementations and opens what they sealed", async () => {
    const { privateKey, publicKey } = await deriveKeyPair(randomBytes(64));
    const { hpke } = await librarySuite();
    const ours = await sealing.sealTo(publicKey, sealing.hashInfo(info), plaintext);
    const theirPrivate = await hpke.importPrivateKey(privateKey);
    assert.deepEqual(
      await hpke.open(theirPrivate, ours.kemOutput, ours.ciphertext, info),
      plaintext,
    );
    const { enc, ct } = await hpke.seal(await hpke.importPublicKey(publicKey), plaintext, info);
    const sealed = { kemOutput: enc, ciphertext: ct };
    assert.deepEqual(await sealing.openWith(privateKey, sealing.hashInfo(info), sealed), plaintext);
    await assert.rejects(sealing.openWith(privateKey, sealing.hashInfo(randomBytes(80)), sealed));
    const altered = { kemOutput: enc, ciphertext: ct.with(3, (ct[3] ?? 0) ^ 1) };
    await assert.rejects(sealing.openWith(privateKey, sealing.hashInfo(info), altered));
  });

  test("exports what other implementations export", async () => {
    const { privateKey, publicKey } = await deriveKeyPair(randomBytes(64));
    const { hpke } = await librarySuite();
    const context = randomBytes(27);
    const ours = await sealing.exportTo(publicKey, context, 64);
    assert.deepEqual(
      await sealing.exportWith(privateKey, ours.kemOutput, context, 64),
      ours.secret,
    );
    const theirPrivate = await hpke.importPrivateKey(privateKey);
    const theirs = await hpke.importSecret(
      theirPrivate,
      context,
      ours.kemOutput,
      64,
      new Uint8Array(),
    );
    assert.deepEqual(theirs, ours.secret);
  });
});
