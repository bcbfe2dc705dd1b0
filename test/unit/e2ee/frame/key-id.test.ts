import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { encodeHeader } from "../../../../src/e2ee/frame/header.ts";
import {
  decodeKeyId,
  encodeKeyId,
  EPOCH_RESIDUES,
  MAX_CONTEXT,
  MAX_LEAF_INDEX,
} from "../../../../src/e2ee/frame/key-id.ts";
import { contextOf, kindOf, MEDIA_SOURCES } from "../../../../src/e2ee/frame/media-source.ts";
import { KIND_OF_SOURCE, mediaSource } from "../../../../src/protocol/media.ts";

test("a key id tells its parts again", () => {
  fc.assert(
    fc.property(
      fc.nat(MAX_CONTEXT),
      fc.nat(MAX_LEAF_INDEX),
      fc.maxSafeNat(),
      (context, leafIndex, epoch) => {
        const keyId = encodeKeyId(context, leafIndex, epoch);
        const epochResidue = epoch % EPOCH_RESIDUES;
        assert.deepEqual(decodeKeyId(keyId), { context, leafIndex, epochResidue });
      },
    ),
  );
});

test("a microphone's header takes four bytes in a small call and five in a large one", () => {
  const counter = 20_000n;
  const headerBytes = (leaf: number) =>
    encodeHeader(BigInt(encodeKeyId(0, leaf, 5)), counter).length;
  assert.equal(headerBytes(0), 3, "leaf 0 may have its key id within the first byte");
  assert.equal(headerBytes(15), 4);
  assert.equal(headerBytes(16), 5);
  assert.equal(headerBytes(4095), 5);
  assert.equal(headerBytes(MAX_LEAF_INDEX), 6);
});

test("parts that have no place in the layout are refused", () => {
  const parts: [number, number, number][] = [
    [MAX_CONTEXT + 1, 0, 0],
    [0, MAX_LEAF_INDEX + 1, 0],
    [0, -1, 0],
    [0, 0, -1],
    [0, 0.5, 0],
    [0, 0, Number.NaN],
  ];
  for (const part of parts) assert.throws(() => encodeKeyId(...part), { code: "bad-argument" });
});

test("key ids of another layout have no parts", () => {
  assert.equal(decodeKeyId(2 ** 24), undefined);
  assert.equal(decodeKeyId(2 ** 32 - 1), undefined);
  assert.equal(decodeKeyId(-1), undefined);
});

test("each source has a context of its own, and the kind that the protocol gives it", () => {
  assert.deepEqual([...MEDIA_SOURCES], mediaSource.options);
  assert.equal(new Set(MEDIA_SOURCES.map(contextOf)).size, MEDIA_SOURCES.length);
  for (const source of MEDIA_SOURCES) assert.equal(kindOf(source), KIND_OF_SOURCE[source]);
});
