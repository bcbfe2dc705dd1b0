import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { decodeGroupSecrets, encodeGroupSecrets } from "ts-mls/groupSecrets.js";
import type { GroupSecrets } from "ts-mls/groupSecrets.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import type { KeyPackageSecrets } from "../../../../src/e2ee/group/mls/key-package.ts";
import { makeKeyPackage } from "../../../../src/e2ee/group/mls/key-package.ts";
import { openFor, preparePurpose, sealFor } from "../../../../src/e2ee/group/mls/labeled-hpke.ts";
import type { MlsState } from "../../../../src/e2ee/group/mls/state.ts";
import { enterByWelcome, openWelcome } from "../../../../src/e2ee/group/mls/welcome.ts";
import { decodeCanonical } from "../../../../src/e2ee/group/mls/wire.ts";
import { createInvitation } from "../../../../src/e2ee/invitation/index.ts";
import { commitOf, newOwner, statesOf } from "./state-lab.ts";
import { SUITE } from "./library-suite.ts";

interface Scene {
  readonly committer: MlsState;
  readonly welcome: Uint8Array;
  readonly secrets: KeyPackageSecrets;
}

async function scene(): Promise<Scene> {
  const [committer] = await statesOf(3);
  assert(committer);
  const owner = await newOwner(createInvitation());
  const { secrets } = await makeKeyPackage(owner, Date.now());
  const { welcome } = await commitOf(committer, { added: [secrets.keyPackage] });
  assert(welcome);
  return { committer, welcome, secrets };
}

/** The Welcome with other secrets in it, as the committer could have made it. */
async function reseal(
  { welcome: bytes, secrets: { keyPackage, initKey } }: Scene,
  alter: (secrets: GroupSecrets) => Partial<GroupSecrets>,
): Promise<Uint8Array> {
  const decoded = decodeCanonical(bytes, bytes.length);
  assert(decoded.wireformat === "mls_welcome");
  const { welcome } = decoded;
  const purpose = preparePurpose(SUITE, { label: "Welcome", context: welcome.encryptedGroupInfo });
  const [entry] = welcome.secrets;
  assert(entry);
  const opened = await openFor(SUITE, initKey, purpose, entry.encryptedGroupSecrets);
  const secrets = decodeGroupSecrets(opened, 0)?.[0];
  assert(secrets);
  const plain = encodeGroupSecrets({ ...secrets, ...alter(secrets) });
  const encryptedGroupSecrets = await sealFor(SUITE, keyPackage.initKey, purpose, plain);
  const altered = { ...welcome, secrets: [{ ...entry, encryptedGroupSecrets }] };
  return encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome: altered });
}

async function enter({ secrets }: Scene, welcome: Uint8Array) {
  return enterByWelcome(await openWelcome(SUITE, welcome, secrets), secrets);
}

suite("a Welcome (RFC 9420 section 12.4.3.1)", () => {
  test("leads to the committer's keys, and what it brought is overwritten", async () => {
    const lab = await scene();
    const opened = await openWelcome(SUITE, lab.welcome, lab.secrets);
    const { joinerSecret, pathSecret } = opened.secrets;
    await enterByWelcome(opened, lab.secrets);
    assert(pathSecret);
    for (const secret of [joinerSecret, pathSecret]) {
      assert(secret.length > 0 && secret.every((byte) => byte === 0));
    }
  });

  test("without a path secret, or with another one, is refused", async () => {
    const lab = await scene();
    const without = await reseal(lab, () => ({ pathSecret: undefined }));
    await assert.rejects(enter(lab, without), { message: /no path secret/ });
    const pathSecret = crypto.getRandomValues(new Uint8Array(64));
    const other = await reseal(lab, () => ({ pathSecret }));
    await assert.rejects(enter(lab, other), { message: /does not lead to the keys of the path/ });
  });

  test("with pre-shared keys is refused", async () => {
    const lab = await scene();
    const psk = { psktype: "external", pskId: Uint8Array.of(1), pskNonce: new Uint8Array(64) };
    const altered = await reseal(lab, () => ({ psks: [{ ...psk, psktype: "external" }] }));
    await assert.rejects(enter(lab, altered), { message: /not well-formed/ });
  });

  test("with another joiner secret does not open", async () => {
    const lab = await scene();
    const joinerSecret = crypto.getRandomValues(new Uint8Array(64));
    await assert.rejects(enter(lab, await reseal(lab, () => ({ joinerSecret }))));
    assert.equal((await enter(lab, lab.welcome)).leafIndex, 3);
  });
});
