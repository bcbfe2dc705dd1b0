import type { GroupInfo } from "ts-mls";
import { createGroupInfoWithExternalPubAndRatchetTree } from "ts-mls/createCommit.js";
import { verifyGroupInfoSignature } from "ts-mls/groupInfo.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import type { RatchetTree } from "ts-mls/ratchetTree.js";
import { decodeRatchetTree } from "ts-mls/ratchetTree.js";
import { refuse } from "../group-error.ts";
import { GROUP_LIMITS } from "../group-limits.ts";
import type { Leaf } from "../roster.ts";
import { cipherSuite, PROTOCOL_VERSION, MLS_CIPHER_SUITE } from "./cipher-suite.ts";
import { ENCRYPTION_KEY_BYTES, viewLeaves } from "./leaf-view.ts";
import type { MlsState } from "./state.ts";
import type { Received } from "./wire.ts";
import { decodeCanonical, toEpoch } from "./wire.ts";

export interface ReceivedGroupInfo extends Received {
  readonly leaves: readonly Leaf[];
  readonly signerLeafIndex: number;
  /** For the library. */
  readonly groupInfo: GroupInfo;
}

/** With the ratchet tree and the external public key (RFC 9420 sections 12.4.3 and 12.4.3.2). */
export async function encodeGroupInfo(state: MlsState): Promise<Uint8Array> {
  const suite = await cipherSuite();
  const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(state, [], suite);
  return encodeMlsMessage({ version: PROTOCOL_VERSION, wireformat: "mls_group_info", groupInfo });
}

/**
 * Refuses another protocol version or suite, group extensions, and any tree that this group cannot
 * have reached. In particular no node has unmerged leaves, which only Add proposals make: the
 * library follows such an index without checking that it lies in the tree, and would never end.
 * Throws `GroupError` (`refused`). The signature is left to `verifyGroupInfo`.
 */
export function decodeGroupInfo(bytes: Uint8Array): ReceivedGroupInfo {
  const decoded = decodeCanonical(bytes, GROUP_LIMITS.groupInfoBytes);
  if (decoded.wireformat !== "mls_group_info") refuse("not an MLS GroupInfo");
  const { groupInfo } = decoded;
  const { groupContext } = groupInfo;
  if (groupContext.version !== PROTOCOL_VERSION) refuse("the group is of another MLS version");
  if (groupContext.cipherSuite !== MLS_CIPHER_SUITE) refuse("the group uses another cipher suite");
  if (groupContext.extensions.length > 0) refuse("the group has extensions");
  return {
    groupId: groupContext.groupId,
    epoch: toEpoch(groupContext.epoch),
    leaves: viewLeaves(readTree(groupInfo)),
    signerLeafIndex: groupInfo.signer,
    groupInfo,
  };
}

/** Checks the GroupInfo's signature with the signer's leaf. Throws `GroupError` (`refused`). */
export async function verifyGroupInfo(received: ReceivedGroupInfo): Promise<void> {
  const signer = received.leaves.find((leaf) => leaf.leafIndex === received.signerLeafIndex);
  if (signer === undefined) refuse("the GroupInfo's signer is not a member");
  const { signature } = await cipherSuite();
  const valid = await verifyGroupInfoSignature(received.groupInfo, signer.signatureKey, signature);
  if (!valid) refuse("the GroupInfo's signature is not valid");
}

function readTree(groupInfo: GroupInfo): RatchetTree {
  const types = groupInfo.extensions.map(({ extensionType }) => extensionType);
  if (types.length !== 2 || !types.includes("external_pub") || !types.includes("ratchet_tree")) {
    refuse("the GroupInfo does not hold one external key and one tree, and nothing else");
  }
  const encoded = groupInfo.extensions.find((each) => each.extensionType === "ratchet_tree");
  if (encoded === undefined) refuse("the GroupInfo holds no tree");
  const tree = decodeTree(encoded.extensionData);
  if (tree.length > 2 * GROUP_LIMITS.members) refuse("the tree has too many leaves");
  for (const [nodeIndex, node] of tree.entries()) {
    if (node !== undefined && (node.nodeType === "leaf") !== (nodeIndex % 2 === 0)) {
      refuse("a node of the tree is in the wrong place");
    }
    if (node?.nodeType !== "parent") continue;
    if (node.parent.unmergedLeaves.length > 0) refuse("the tree holds unmerged leaves");
    if (node.parent.hpkePublicKey.length !== ENCRYPTION_KEY_BYTES) {
      refuse("the tree holds a key of a wrong length");
    }
  }
  return tree;
}

function decodeTree(bytes: Uint8Array): RatchetTree {
  try {
    const decoded = decodeRatchetTree(bytes, 0);
    if (decoded?.[1] === bytes.length) return decoded[0];
  } catch (cause) {
    refuse("the tree is not well-formed", cause);
  }
  return refuse("the tree is not well-formed");
}
