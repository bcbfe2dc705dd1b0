import { createConfirmationTag } from "ts-mls/framedContent.js";
import { signLeafNodeKeyPackage } from "ts-mls/leafNode.js";
import { initializeKeySchedule } from "ts-mls/keySchedule.js";
import { defaultLifetime } from "ts-mls/lifetime.js";
import { deriveSecret } from "ts-mls/crypto/kdf.js";
import { PROTOCOL_VERSION } from "./cipher-suite.ts";
import { newState } from "./commit.ts";
import type { OwnLeaf } from "./own-leaf.ts";
import { capabilitiesOf, credentialOf } from "./own-leaf.ts";
import type { RatchetTree } from "./ratchet-tree.ts";
import { createMessageSecrets } from "./secret-tree.ts";
import type { MlsState } from "./state.ts";

/** A group of one member at epoch 0 (RFC 9420 section 11). */
export async function createMlsGroup(groupId: Uint8Array, owner: OwnLeaf): Promise<MlsState> {
  const { suite } = owner;
  const { kdf, kem, rng, hash, signature, trees } = suite;
  const { publicKey, privateKey } = await kem.deriveKeyPair(rng.randomBytes(kdf.size));
  const leaf = await signLeafNodeKeyPackage(
    {
      leafNodeSource: "key_package",
      hpkePublicKey: publicKey,
      signaturePublicKey: owner.keys.publicKey,
      credential: credentialOf(owner),
      capabilities: capabilitiesOf(suite),
      lifetime: defaultLifetime,
      extensions: [],
    },
    owner.keys.signKey,
    signature,
  );
  const tree: RatchetTree = [{ nodeType: "leaf", leaf }];
  const groupContext = {
    version: PROTOCOL_VERSION,
    cipherSuite: suite.name,
    groupId,
    epoch: 0n,
    treeHash: trees.rootHash(tree),
    confirmedTranscriptHash: new Uint8Array(),
    extensions: [],
  } as const;
  const epochSecret = rng.randomBytes(kdf.size);
  const keySchedule = await initializeKeySchedule(epochSecret, kdf);
  const encryptionSecret = await deriveSecret(epochSecret, "encryption", kdf);
  epochSecret.fill(0);
  const epoch = {
    suite,
    groupContext: { ...groupContext, extensions: [] },
    keySchedule,
    confirmationTag: await createConfirmationTag(
      keySchedule.confirmationKey,
      groupContext.confirmedTranscriptHash,
      hash,
    ),
    ...createMessageSecrets(tree.length, encryptionSecret),
  };
  return newState(epoch, tree, owner, 0, { 0: privateKey });
}
