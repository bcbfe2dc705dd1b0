import type { KeyPackage } from "ts-mls";
import type { GroupSecrets } from "ts-mls/groupSecrets.js";
import { decodeGroupSecrets, encodeGroupSecrets } from "ts-mls/groupSecrets.js";
import { signGroupInfo } from "ts-mls/groupInfo.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { deriveKeySchedule } from "ts-mls/keySchedule.js";
import { createConfirmationTag } from "ts-mls/framedContent.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import type { Welcome } from "ts-mls/welcome.js";
import { decryptGroupInfo, encryptGroupInfo } from "ts-mls/welcome.js";
import { equalBytes } from "../equal-bytes.ts";
import { refuse } from "../group-error.ts";
import { GROUP_LIMITS } from "../group-limits.ts";
import type { CipherSuite } from "./cipher-suite.ts";
import { PROTOCOL_VERSION } from "./cipher-suite.ts";
import type { EpochState, NextEpoch } from "./epoch.ts";
import type { ReceivedGroupInfo } from "./group-info.ts";
import { groupInfoExtensions, readGroupInfo } from "./group-info.ts";
import type { KeyPackageSecrets } from "./key-package.ts";
import { openFor, preparePurpose, sealFor } from "./labeled-hpke.ts";
import type { NodeKeys } from "./path-secrets.ts";
import { climb } from "./path-secrets.ts";
import type { RatchetTree } from "./ratchet-tree.ts";
import { filteredDirectPath, leafAt } from "./ratchet-tree.ts";
import { createMessageSecrets } from "./secret-tree.ts";
import { covers, nodeOfLeaf } from "./tree-math.ts";
import type { MadePath } from "./update-path.ts";
import { decodeCanonical } from "./wire.ts";

export interface Newcomers {
  readonly committer: number;
  readonly signKey: Uint8Array;
  /** Where the leaves of `keyPackages` stand, in the same order. */
  readonly addedLeaves: readonly number[];
  readonly keyPackages: readonly KeyPackage[];
  readonly callState: Uint8Array | undefined;
}

/** One message for all whom a commit adds (RFC 9420 section 12.4.3.1), with the tree. */
export async function makeWelcome(
  { tree, secrets }: MadePath,
  epoch: NextEpoch,
  newcomers: Newcomers,
): Promise<Uint8Array> {
  const { committer, signKey, addedLeaves, keyPackages, callState } = newcomers;
  const { suite, groupContext, confirmationTag } = epoch;
  const extensions = groupInfoExtensions({ tree, callState });
  const tbs = { groupContext, extensions, confirmationTag, signer: committer };
  const groupInfo = await signGroupInfo(tbs, signKey, suite.signature);
  const encryptedGroupInfo = await encryptGroupInfo(groupInfo, epoch.welcomeSecret, suite);
  const purpose = preparePurpose(suite, { label: "Welcome", context: encryptedGroupInfo });
  const steps = filteredDirectPath(tree, committer);
  const sealed = keyPackages.map(async (keyPackage, index) => {
    const meeting = steps.find(({ node }) => covers(node, addedLeaves[index] ?? -1));
    const pathSecret = meeting && secrets.get(meeting.node);
    const plain = encodeGroupSecrets({ joinerSecret: epoch.joinerSecret, pathSecret, psks: [] });
    const encryptedGroupSecrets = await sealFor(suite, keyPackage.initKey, purpose, plain);
    plain.fill(0);
    return {
      newMember: await makeKeyPackageRef(keyPackage, suite.hash),
      encryptedGroupSecrets,
    };
  });
  const welcome = {
    cipherSuite: suite.name,
    secrets: await Promise.all(sealed),
    encryptedGroupInfo,
  } as const;
  return encodeMlsMessage({
    version: PROTOCOL_VERSION,
    wireformat: "mls_welcome",
    welcome: { ...welcome },
  });
}

export interface OpenedWelcome extends ReceivedGroupInfo {
  readonly secrets: GroupSecrets;
}

/** Opens what the committer sealed to this KeyPackage. Throws `GroupError` (`refused`). */
export async function openWelcome(
  suite: CipherSuite,
  bytes: Uint8Array,
  { keyPackage, initKey }: KeyPackageSecrets,
): Promise<OpenedWelcome> {
  const decoded = decodeCanonical(bytes, GROUP_LIMITS.welcomeBytes);
  if (decoded.wireformat !== "mls_welcome") refuse("not an MLS Welcome");
  const { welcome } = decoded;
  if (welcome.cipherSuite !== suite.name) refuse("the Welcome uses another cipher suite");
  const secrets = await openSecrets(suite, welcome, keyPackage, initKey);
  const noPsk = new Uint8Array(suite.kdf.size);
  const groupInfo = await decryptGroupInfo(welcome, secrets.joinerSecret, noPsk, suite);
  if (groupInfo === undefined) refuse("the Welcome's GroupInfo is not well-formed");
  return { ...readGroupInfo(suite, groupInfo, "welcome"), secrets };
}

/**
 * The keys of the epoch that the Welcome leads to, once its tree was found to be valid. Overwrites
 * what the Welcome brought. Throws `GroupError` (`refused`).
 */
export async function enterByWelcome(
  { suite, groupInfo, secrets, tree, signerLeafIndex }: OpenedWelcome,
  own: KeyPackageSecrets,
): Promise<{ epoch: EpochState; leafIndex: number; keys: NodeKeys }> {
  const { kdf, hash } = suite;
  const { groupContext } = groupInfo;
  const leafIndex = findOwnLeaf(tree, own.keyPackage);
  const { joinerSecret, pathSecret } = secrets;
  const keys: NodeKeys = { [nodeOfLeaf(leafIndex)]: own.leafKey };
  // Every commit carries a path: who lacks its secret could follow none of the next ones.
  if (pathSecret === undefined) refuse("the Welcome carries no path secret");
  const steps = filteredDirectPath(tree, signerLeafIndex);
  const meeting = steps.findIndex(({ node }) => covers(node, leafIndex));
  if (meeting === -1) refuse("the Welcome's path secret leads nowhere");
  const path = await climb(suite, tree, steps.slice(meeting), pathSecret);
  Object.assign(keys, path.keys);
  path.commitSecret.fill(0);
  const noPsk = new Uint8Array(kdf.size);
  const [keySchedule, encryptionSecret] = await deriveKeySchedule(
    joinerSecret,
    noPsk,
    groupContext,
    kdf,
  );
  const confirmationTag = await createConfirmationTag(
    keySchedule.confirmationKey,
    groupContext.confirmedTranscriptHash,
    hash,
  );
  if (!equalBytes(confirmationTag, groupInfo.confirmationTag)) {
    refuse("the Welcome's confirmation tag is not valid");
  }
  joinerSecret.fill(0);
  const messages = createMessageSecrets(tree.length, encryptionSecret);
  const epoch = { suite, groupContext, keySchedule, confirmationTag, ...messages };
  return { epoch, leafIndex, keys };
}

async function openSecrets(
  suite: CipherSuite,
  { secrets, encryptedGroupInfo }: Welcome,
  keyPackage: KeyPackage,
  initKey: Uint8Array,
): Promise<GroupSecrets> {
  const ref = await makeKeyPackageRef(keyPackage, suite.hash);
  const sealed = secrets.find(({ newMember }) => equalBytes(newMember, ref));
  if (sealed === undefined) refuse("the Welcome is for others");
  const purpose = preparePurpose(suite, { label: "Welcome", context: encryptedGroupInfo });
  const opened = await openFor(suite, initKey, purpose, sealed.encryptedGroupSecrets);
  const decoded = decodeGroupSecrets(opened, 0)?.[0];
  if (decoded === undefined || decoded.psks.length > 0) refuse("the Welcome is not well-formed");
  return decoded;
}

function findOwnLeaf(tree: RatchetTree, { leafNode }: KeyPackage): number {
  for (let leafIndex = 0; nodeOfLeaf(leafIndex) < tree.length; leafIndex += 1) {
    const leaf = leafAt(tree, leafIndex);
    if (leaf !== undefined && equalBytes(leaf.signature, leafNode.signature)) {
      if (equalBytes(leaf.hpkePublicKey, leafNode.hpkePublicKey)) return leafIndex;
    }
  }
  return refuse("the Welcome's tree does not hold this member");
}
