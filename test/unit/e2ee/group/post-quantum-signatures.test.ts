import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { CallGroup, Newcomer } from "../../../../src/e2ee/group/index.ts";
import { suiteOf } from "../../../../src/e2ee/group/mls/cipher-suite.ts";
import { joinExternally } from "../../../../src/e2ee/group/mls/commit.ts";
import { ed25519 } from "../../../../src/e2ee/group/mls/ed25519.ts";
import { decodeGroupInfo } from "../../../../src/e2ee/group/mls/group-info.ts";
import { mlDsa87 } from "../../../../src/e2ee/group/mls/ml-dsa.ts";
import type { Invitation } from "../../../../src/e2ee/invitation/index.ts";
import { createInvitation } from "../../../../src/e2ee/invitation/index.ts";
import { LIMITS } from "../../../../src/protocol/index.ts";
import { CallLab, randomId } from "./call-lab.ts";

const data = crypto.getRandomValues(new Uint8Array(500));

function strongLab(size: number): Promise<CallLab> {
  return CallLab.of(size, createInvitation("post-quantum"));
}

/** The same link, but for what it says of signatures: as somebody has it to whom a server lied. */
function weakened(invitation: Invitation): Invitation {
  return { ...invitation, signatures: "classical" };
}

/** Has WebCrypto not know ML-DSA, as in browsers that are older. */
async function withoutNative<Result>(task: () => Promise<Result>): Promise<Result> {
  const { subtle } = crypto;
  const original = subtle.importKey.bind(subtle);
  const value = () => Promise.reject(new DOMException("unknown algorithm", "NotSupportedError"));
  Object.defineProperty(subtle, "importKey", { configurable: true, value });
  try {
    return await task();
  } finally {
    Object.defineProperty(subtle, "importKey", { configurable: true, value: original });
  }
}

suite("ML-DSA-87", () => {
  test("is the same by WebCrypto and by noble", async () => {
    const { publicKey, signKey } = await mlDsa87.keygen();
    assert.equal(signKey.length, 32);
    assert.deepEqual(publicKey, ml_dsa87.keygen(signKey).publicKey);
    const native = await mlDsa87.sign(signKey, data);
    const fallback = await withoutNative(() => mlDsa87.sign(signKey, data));
    for (const signature of [native, fallback]) {
      assert(ml_dsa87.verify(signature, data, publicKey));
      assert(await mlDsa87.verify(publicKey, data, signature));
      assert(await withoutNative(() => mlDsa87.verify(publicKey, data, signature)));
    }
  });

  test("is not valid for anything else", async () => {
    const { publicKey, signKey } = await mlDsa87.keygen();
    const signature = await mlDsa87.sign(signKey, data);
    const altered = signature.with(4_000, (signature[4_000] ?? 0) ^ 1);
    const other = (await mlDsa87.keygen()).publicKey;
    const verify = (...args: Parameters<typeof mlDsa87.verify>) => mlDsa87.verify(...args);
    const fallback = (...args: Parameters<typeof mlDsa87.verify>) =>
      withoutNative(() => verify(...args));
    for (const isValid of [verify, fallback]) {
      assert.equal(await isValid(publicKey, data.subarray(1), signature), false);
      assert.equal(await isValid(publicKey, data, altered), false);
      assert.equal(await isValid(other, data, signature), false);
      assert.equal(await isValid(publicKey.subarray(1), data, signature), false);
    }
  });
});

suite("a call with post-quantum signatures", () => {
  test("has members come, go, speak, be kicked and be let in together", async () => {
    const lab = await strongLab(3);
    await lab.admit(lab.at(0), 2, { remove: [lab.idAt(1)] });
    await lab.update(lab.at(2));
    await lab.assertAgreement();
    const { message: sealed } = await lab.at(1).sealMessage(Uint8Array.of(7));
    assert.deepEqual((await lab.at(0).openMessage(sealed)).data, Uint8Array.of(7));
    const kick = await lab.at(0).prepareKick([lab.idAt(1)]);
    lab.groups.delete(lab.idAt(1));
    await lab.accept(lab.at(0), kick);
    assert.equal(lab.at(0).invitation.signatures, "post-quantum");
    await lab.join();
    await lab.assertAgreement();
    for (const { signatureKey } of lab.at(0).members) assert.equal(signatureKey.length, 2_592);
  });

  test("fits into what the wire carries", async () => {
    const lab = await strongLab(2);
    const newcomer = await Newcomer.create(
      { invitation: lab.invitation, participantId: randomId() },
      Date.now(),
    );
    assert(newcomer.keyPackage.length <= LIMITS.keyPackageBytes);
    const [two, eight] = [
      await lab.at(0).groupInfo(),
      await (await strongLab(8)).at(0).groupInfo(),
    ];
    const bytesOfEach = (eight.length - two.length) / 6;
    assert(suiteOf(lab.invitation).maxMembers * bytesOfEach <= 0.95 * LIMITS.groupInfoBytes);
  });

  test("is not entered by somebody who thinks that it asks for less, nor the other way round", async () => {
    const strong = await strongLab(2);
    const weak = weakened(strong.invitation);
    const groupInfo = await strong.at(0).groupInfo();
    await assert.rejects(
      CallGroup.join({ invitation: weak, participantId: randomId() }, groupInfo),
      {
        code: "refused",
        message: /another cipher suite/,
      },
    );
    // A server, or who made it up, offers a weaker group to who holds the link to a strong one.
    const offered = await CallLab.of(1, weak);
    const options = { invitation: strong.invitation, participantId: randomId() };
    await assert.rejects(CallGroup.join(options, await offered.at(0).groupInfo()), {
      code: "refused",
      message: /another cipher suite/,
    });
  });

  test("lets nobody in by a KeyPackage or a Welcome of another suite", async () => {
    const strong = await strongLab(2);
    const weak = weakened(strong.invitation);
    const cheap = await Newcomer.create(
      { invitation: weak, participantId: randomId() },
      Date.now(),
    );
    const good = { invitation: strong.invitation, participantId: randomId() };
    const honest = await Newcomer.create(good, Date.now());
    const add = [cheap.keyPackage, honest.keyPackage];
    const pending = await strong.at(0).prepareChange({ add }, Date.now());
    assert.deepEqual(pending.joined, [good.participantId]);
    assert(pending.welcome);
    await assert.rejects(cheap.enter(pending.welcome), { message: /another cipher suite/ });
    await honest.enter(pending.welcome);
  });

  test("refuses a leaf with a signature that quantum computers forge", async () => {
    const strong = await strongLab(2);
    const groupInfo = await strong.at(0).groupInfo();
    const received = decodeGroupInfo(suiteOf(strong.invitation), groupInfo);
    const hostile = { ...received.suite, signature: ed25519 };
    const keys = await ed25519.keygen();
    const owner = { suite: received.suite, participantId: randomId(), keys };
    const { commit } = await joinExternally(
      { ...received, suite: hostile },
      { ...owner, admission: strong.invitation },
      undefined,
    );
    const message = /does not support what this group is made of/;
    await assert.rejects(strong.at(0).process(commit), { code: "refused", message });
    await strong.update(strong.at(0));
    await strong.assertAgreement();
  });
});
