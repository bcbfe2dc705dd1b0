import assert from "node:assert/strict";
import { createHmac, hkdfSync } from "node:crypto";
import { suite, test } from "node:test";
import { BASE_KEY_BYTES, mixFrameBaseKey } from "../../../../src/e2ee/group/frame-base-key.ts";
import { DEFAULT_CIPHER_SUITE } from "../../../../src/e2ee/frame/index.ts";
import { createGroupId, isGroupOfRoom } from "../../../../src/e2ee/group/group-id.ts";
import {
  encodeLeafIdentity,
  verifyLeafIdentity,
} from "../../../../src/e2ee/group/leaf-identity.ts";
import { fromBase64Url, toBase64Url } from "../../../../src/lib/base64url.ts";

/** `length` bytes that count up from `first`. */
function counting(first: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) % 256);
}

const participantId = toBase64Url(counting(0x10, 16));
const roomId = toBase64Url(counting(0x20, 16));
const admission = { roomId, admissionKey: counting(0x40, 32) };
const signatureKey = counting(0x80, 32);

suite("a leaf's identity", () => {
  test("is version, participant id and proof, byte by byte", () => {
    const identity = encodeLeafIdentity(participantId, signatureKey, admission);
    assert.equal(
      Buffer.from(identity).toString("hex"),
      "01101112131415161718191a1b1c1d1e1f" +
        "1281f9e79794aa6940d468466f2eb322395ee0c6f83e205e77a787c8db83b587",
    );
    const proof = createHmac("sha256", admission.admissionKey)
      .update("Aparte leaf proof 1\0")
      .update(counting(0x20, 16))
      .update(counting(0x10, 16))
      .update(signatureKey)
      .digest();
    assert.deepEqual(Buffer.from(identity.subarray(17)), proof);
  });

  test("holds for its own leaf, participant and room only", () => {
    const identity = encodeLeafIdentity(participantId, signatureKey, admission);
    assert.equal(verifyLeafIdentity(identity, signatureKey, admission), participantId);
    assert.equal(verifyLeafIdentity(identity, counting(0x81, 32), admission), undefined);
    const otherRoom = { ...admission, roomId: toBase64Url(counting(0x21, 16)) };
    assert.equal(verifyLeafIdentity(identity, signatureKey, otherRoom), undefined);
    const otherKey = { ...admission, admissionKey: counting(0x41, 32) };
    assert.equal(verifyLeafIdentity(identity, signatureKey, otherKey), undefined);
    for (const index of identity.keys()) {
      const altered = identity.with(index, (identity[index] ?? 0) ^ 1);
      assert.equal(verifyLeafIdentity(altered, signatureKey, admission), undefined);
    }
    for (const length of [0, 1, 17, 48]) {
      const cut = identity.subarray(0, length);
      assert.equal(verifyLeafIdentity(cut, signatureKey, admission), undefined);
    }
    const longer = Uint8Array.of(...identity, 0);
    assert.equal(verifyLeafIdentity(longer, signatureKey, admission), undefined);
  });

  test("takes ids of 16 bytes only", () => {
    for (const id of ["", "A", toBase64Url(counting(0, 15)), `${participantId}=`]) {
      assert.throws(() => encodeLeafIdentity(id, signatureKey, admission), RangeError);
    }
  });
});

suite("a group id", () => {
  test("is version, room id and 16 random bytes", () => {
    const groupId = createGroupId(roomId);
    assert.equal(groupId.length, 33);
    assert.equal(groupId[0], 1);
    assert.equal(toBase64Url(groupId.subarray(1, 17)), roomId);
    assert.notDeepEqual(createGroupId(roomId), groupId);
  });

  test("is recognised as one of its room", () => {
    const groupId = createGroupId(roomId);
    assert(isGroupOfRoom(groupId, roomId));
    assert(!isGroupOfRoom(groupId, participantId));
    assert(!isGroupOfRoom(groupId.with(0, 2), roomId));
    assert(!isGroupOfRoom(groupId.subarray(1), roomId));
    assert(!isGroupOfRoom(fromBase64Url(roomId) ?? groupId, roomId));
  });
});

suite("the frame base key", () => {
  test("is HKDF-SHA-512 of the exported secret, salted with the link's share", () => {
    const [exported, mediaShare] = [counting(0, 32), counting(0x60, 32)];
    const key = mixFrameBaseKey(exported, mediaShare);
    const info = "Aparte frame base key 1";
    const expected = hkdfSync("sha512", exported, mediaShare, info, BASE_KEY_BYTES);
    assert.deepEqual(Buffer.from(key), Buffer.from(expected));
    assert.equal(
      Buffer.from(key).toString("hex"),
      "b12b4d209100f0eb70a6817f9ff2bee81e989d1aed685601b1d7ff8bb69139e7",
    );
    assert.equal(BASE_KEY_BYTES, DEFAULT_CIPHER_SUITE.keyBytes);
  });
});
