import assert from "node:assert/strict";
import { createHash, scryptSync } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { CODE_EMOJI } from "../../../../src/e2ee/verification/code-emoji.ts";
import { toDigits } from "../../../../src/e2ee/verification/digits.ts";
import { epochCode, safetyNumber } from "../../../../src/e2ee/verification/index.ts";

const bytes = (length: number, first = 0) =>
  Uint8Array.from({ length }, (_, index) => (first + index * 37) % 256);

describe("digits", () => {
  it("are groups of 5 bytes, big-endian, modulo 100,000, with leading zeros", () => {
    assert.equal(toDigits(Uint8Array.of(0, 0, 0, 0, 7), 1), "00007");
    assert.equal(toDigits(Uint8Array.of(255, 255, 255, 255, 255), 1), "27775");
    const source = bytes(30, 91);
    const expected = [0, 1, 2, 3, 4, 5].map((group) => {
      const hex = Buffer.from(source.slice(group * 5, group * 5 + 5)).toString("hex");
      return String(BigInt(`0x${hex}`) % 100_000n).padStart(5, "0");
    });
    assert.equal(toDigits(source, 6), expected.join(""));
  });

  it("are not made of too few bytes", () => {
    assert.throws(() => toDigits(bytes(29), 6), RangeError);
  });
});

describe("the code of an epoch", () => {
  it("is the same for the same authenticator, and another for another", () => {
    const code = epochCode(bytes(64));
    assert.match(code.digits, /^\d{30}$/);
    assert.equal(code.emoji.length, 12);
    assert.deepEqual(epochCode(bytes(64)), code);
    const other = epochCode(bytes(64, 1));
    assert.notEqual(other.digits, code.digits);
    assert.notDeepEqual(other.emoji, code.emoji);
  });

  /** Computed once by another program, in another language: a later version must say the same. */
  it("is what it has always been", () => {
    const { digits, emoji } = epochCode(bytes(64));
    assert.equal(digits, "352209863709734783357445687313");
    assert.equal(
      emoji.map(({ name }) => name).join(", "),
      "strawberry, train, heart, hourglass, thumbs up, anchor, pin, strawberry, moon, bicycle, " +
        "padlock, cloud",
    );
  });

  it("takes its pictures from the lower six bits of SHA-512, whatever the authenticator", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 30, maxLength: 64 }), (authenticator) => {
        const hash = createHash("sha512").update("Aparte epoch emoji 1").update(authenticator);
        const expected = [...hash.digest().subarray(0, 12)].map((byte) => CODE_EMOJI[byte & 63]);
        const { digits, emoji } = epochCode(authenticator);
        assert.deepEqual(emoji, expected);
        const groups = digits.match(/.{5}/g)?.map(Number);
        const numbers = Array.from({ length: 6 }, (_, group) => {
          const part = Buffer.from(authenticator.slice(group * 5, group * 5 + 5));
          return part.readUIntBE(0, 5) % 100_000;
        });
        assert.deepEqual(groups, numbers);
      }),
    );
  });

  it("has 64 pictures with 64 names", () => {
    assert.equal(CODE_EMOJI.length, 64);
    assert.equal(new Set(CODE_EMOJI.map(({ emoji }) => emoji)).size, 64);
    assert.equal(new Set(CODE_EMOJI.map(({ name }) => name)).size, 64);
    const graphemes = new Intl.Segmenter();
    for (const { emoji, name } of CODE_EMOJI) {
      assert.equal([...graphemes.segment(emoji)].length, 1, name);
      assert.match(emoji, /\p{Extended_Pictographic}/u);
      assert.match(name, /^[a-z ]+$/);
    }
  });
});

describe("the safety number of a pair", () => {
  const ada = { signatureKey: bytes(32, 1), id: bytes(16, 5) };
  const bob = { signatureKey: bytes(32, 2), id: bytes(16, 6) };

  it("is what scrypt of another maker gives, whichever side computes it", async () => {
    const encoded = [ada, bob].map(({ signatureKey, id }) =>
      Buffer.from([...signatureKey, id.length, ...id]),
    );
    const key = scryptSync(
      Buffer.concat(encoded.toSorted((a, b) => Buffer.compare(a, b))),
      "Aparte safety number 1",
      64,
      { N: 16_384, r: 8, p: 2, maxmem: 64 * 1024 * 1024 },
    );
    const number = await safetyNumber(ada, bob);
    assert.equal(number, toDigits(key, 9));
    // Computed once by another program, in another language.
    assert.equal(number, "579221132278163346971788837163819802570109020");
    assert.match(number, /^\d{45}$/);
    assert.equal(await safetyNumber(bob, ada), number);
  });

  it("changes with either key and either id", async () => {
    const number = await safetyNumber(ada, bob);
    const others = [
      { ...bob, signatureKey: bytes(32, 3) },
      { ...bob, id: bytes(16, 7) },
    ];
    for (const other of others) assert.notEqual(await safetyNumber(ada, other), number);
  });

  it("takes keys of other schemes, each for itself only", async () => {
    const long = { signatureKey: bytes(2_592, 3), id: bytes(16, 6) };
    const number = await safetyNumber(ada, long);
    assert.match(number, /^\d{45}$/);
    assert.equal(await safetyNumber(long, ada), number);
    const other = { ...long, signatureKey: bytes(2_592, 4) };
    assert.notEqual(await safetyNumber(ada, other), number);
    const beginning = { ...long, signatureKey: long.signatureKey.subarray(0, 32) };
    assert.notEqual(await safetyNumber(ada, beginning), number);
  });

  it("is refused for what is no key", async () => {
    await assert.rejects(safetyNumber(ada, { ...bob, signatureKey: bytes(31) }), RangeError);
    await assert.rejects(safetyNumber(ada, { ...bob, id: bytes(256) }), RangeError);
  });
});
