import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Identities } from "../../../src/client/identity/identities.ts";
import type { IdentityKey } from "../../../src/e2ee/verification/index.ts";
import { proveIdentity, verifyIdentity } from "../../../src/e2ee/verification/index.ts";
import { toBase64Url } from "../../../src/lib/base64url.ts";
import { randomId } from "../../support/sfu-lab.ts";

async function newIdentity(): Promise<IdentityKey> {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  return {
    publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)),
    sign: async (data) =>
      new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, new Uint8Array(data))),
  };
}

const ROOM = randomId();
const leafKey = (byte: number) => new Uint8Array(32).fill(byte);

/** Ada and Bob in one room, each with their own view of it. */
function pairOf(devices: { ada?: IdentityKey; bob?: IdentityKey } = {}) {
  const ids = { ada: randomId(), bob: randomId() };
  const members = [
    { participantId: ids.ada, leafIndex: 0, signatureKey: leafKey(1) },
    { participantId: ids.bob, leafIndex: 1, signatureKey: leafKey(2) },
  ];
  const of = (participantId: string, device: IdentityKey | undefined) => {
    const identities = new Identities({ roomId: ROOM, participantId, device });
    identities.membersChanged(members);
    return identities;
  };
  return { ids, members, ada: of(ids.ada, devices.ada), bob: of(ids.bob, devices.bob) };
}

async function tell(from: Identities, fromId: string, to: Identities): Promise<void> {
  const identity = await from.prove();
  await to.onProfile(fromId, { type: "profile", name: "", ...(identity && { identity }) });
}

describe("identities", () => {
  it("are of this stay only, unless a device keeps one", async () => {
    const { ids, ada, bob } = pairOf();
    assert.equal(bob.of(ids.ada), null);
    await tell(ada, ids.ada, bob);
    assert.deepEqual(bob.of(ids.ada), { key: toBase64Url(leafKey(1)), kept: false });
    assert.deepEqual(ada.of(ids.ada), bob.of(ids.ada));
  });

  it("that a device keeps are shown with a proof, and give the same number in another call", async () => {
    const devices = { ada: await newIdentity(), bob: await newIdentity() };
    const numbers: string[] = [];
    for (let call = 0; call < 2; call += 1) {
      const { ids, ada, bob } = pairOf(devices);
      await tell(ada, ids.ada, bob);
      await tell(bob, ids.bob, ada);
      assert.deepEqual(bob.of(ids.ada), { key: toBase64Url(devices.ada.publicKey), kept: true });
      numbers.push(await ada.numberWith(ids.bob), await bob.numberWith(ids.ada));
    }
    assert.equal(new Set(numbers).size, 1);
  });

  it("cannot be borrowed: a proof serves for no other leaf, participant or room", async () => {
    const device = await newIdentity();
    const claim = { roomId: ROOM, participantId: randomId(), signatureKey: leafKey(1) };
    const proof = await proveIdentity(device, claim);
    assert.equal(await verifyIdentity(device.publicKey, proof, claim), true);
    for (const other of [
      { ...claim, roomId: randomId() },
      { ...claim, participantId: randomId() },
      { ...claim, signatureKey: leafKey(2) },
    ]) {
      assert.equal(await verifyIdentity(device.publicKey, proof, other), false);
    }
    assert.equal(await verifyIdentity(device.publicKey, proof.slice(1), claim), false);
    assert.equal(await verifyIdentity(new Uint8Array(3), proof, claim), false);
    const { ids, ada, bob } = pairOf({ ada: device });
    // Bob shows what Ada has shown.
    const stolen = await ada.prove();
    assert.ok(stolen);
    await ada.onProfile(ids.bob, { type: "profile", name: "Ada", identity: stolen });
    assert.deepEqual(ada.of(ids.bob), { key: toBase64Url(leafKey(2)), kept: false });
    assert.equal(bob.of(ids.bob)?.kept, false);
  });

  it("stay as they were shown first, until another leaf comes in the place", async () => {
    const { ids, members, ada, bob } = pairOf({ ada: await newIdentity() });
    await tell(ada, ids.ada, bob);
    const first = bob.of(ids.ada);
    await bob.onProfile(ids.ada, { type: "profile", name: "" });
    assert.equal(bob.of(ids.ada), first);
    bob.membersChanged(members);
    assert.equal(bob.of(ids.ada), first);
    bob.membersChanged(
      members.map((member) => ({ ...member, signatureKey: leafKey(member.leafIndex + 5) })),
    );
    assert.equal(bob.of(ids.ada), null);
    await bob.onProfile(randomId(), { type: "profile", name: "no member" });
    await assert.rejects(bob.numberWith(ids.ada), { code: "not-there" });
  });
});
