import type { Extension, GroupInfo } from "ts-mls";
import { signGroupInfo, verifyGroupInfoSignature } from "ts-mls/groupInfo.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import type { RatchetTree } from "ts-mls/ratchetTree.js";
import { decodeRatchetTree, encodeRatchetTree } from "ts-mls/ratchetTree.js";
import { refuse } from "../group-error.ts";
import { GROUP_LIMITS } from "../group-limits.ts";
import type { Leaf } from "../roster.ts";
import type { CipherSuite } from "./cipher-suite.ts";
import { PROTOCOL_VERSION } from "./cipher-suite.ts";
import { externalPublicKey } from "./external-key.ts";
import { viewLeaves } from "./leaf-view.ts";
import type { MlsState } from "./state.ts";
import { assertTreeShape } from "./tree-validation.ts";
import type { Received } from "./wire.ts";
import { decodeCanonical, toEpoch } from "./wire.ts";

export interface ReceivedGroupInfo extends Received {
  readonly suite: CipherSuite;
  readonly leaves: readonly Leaf[];
  readonly signerLeafIndex: number;
  readonly tree: RatchetTree;
  /** Where a newcomer's first secret goes to; empty in a Welcome. */
  readonly externalKey: Uint8Array;
  /** What the call's members say of it, see `CallState`; undefined when there is nothing to say. */
  readonly callState: Uint8Array | undefined;
  /** For the library. */
  readonly groupInfo: GroupInfo;
}

/** Private use, RFC 9420 section 17.3. */
const CALL_STATE_TYPE = 0xf0a1;

/** With the ratchet tree and the external public key (RFC 9420 sections 12.4.3 and 12.4.3.2). */
export async function encodeGroupInfo(
  state: MlsState,
  callState?: Uint8Array,
): Promise<Uint8Array> {
  const { signature } = state.suite;
  const { ratchetTree: tree, groupContext, confirmationTag, privatePath } = state;
  const externalKey = await externalPublicKey(state);
  const extensions = groupInfoExtensions({ tree, callState, externalKey });
  const tbs = { groupContext, extensions, confirmationTag, signer: privatePath.leafIndex };
  const groupInfo = await signGroupInfo(tbs, state.signaturePrivateKey, signature);
  return encodeMlsMessage({ version: PROTOCOL_VERSION, wireformat: "mls_group_info", groupInfo });
}

export function groupInfoExtensions(parts: {
  readonly tree: RatchetTree;
  readonly callState: Uint8Array | undefined;
  readonly externalKey?: Uint8Array;
}): Extension[] {
  const { tree, callState, externalKey } = parts;
  const extensions: Extension[] = [
    { extensionType: "ratchet_tree", extensionData: encodeRatchetTree(tree) },
  ];
  if (externalKey !== undefined) {
    extensions.unshift({ extensionType: "external_pub", extensionData: externalKey });
  }
  if (callState !== undefined) {
    extensions.push({ extensionType: CALL_STATE_TYPE, extensionData: callState });
  }
  return extensions;
}

/** Throws `GroupError` (`refused`). The signature is left to `verifyGroupInfo`. */
export function decodeGroupInfo(suite: CipherSuite, bytes: Uint8Array): ReceivedGroupInfo {
  const decoded = decodeCanonical(bytes, GROUP_LIMITS.groupInfoBytes);
  if (decoded.wireformat !== "mls_group_info") refuse("not an MLS GroupInfo");
  return readGroupInfo(suite, decoded.groupInfo, "external");
}

/**
 * Refuses another protocol version or suite, group extensions, and a tree without shape. Throws
 * `GroupError` (`refused`).
 */
export function readGroupInfo(
  suite: CipherSuite,
  groupInfo: GroupInfo,
  use: "external" | "welcome",
): ReceivedGroupInfo {
  const { groupContext } = groupInfo;
  if (groupContext.version !== PROTOCOL_VERSION) refuse("the group is of another MLS version");
  if (groupContext.cipherSuite !== suite.name) refuse("the group uses another cipher suite");
  if (groupContext.extensions.length > 0) refuse("the group has extensions");
  const { tree, ...extensions } = readExtensions(suite, groupInfo, use);
  return {
    suite,
    groupId: groupContext.groupId,
    epoch: toEpoch(groupContext.epoch),
    leaves: viewLeaves(suite, tree),
    signerLeafIndex: groupInfo.signer,
    tree,
    ...extensions,
    groupInfo,
  };
}

/** Checks the GroupInfo's signature with the signer's leaf. Throws `GroupError` (`refused`). */
export async function verifyGroupInfo(received: ReceivedGroupInfo): Promise<void> {
  const signer = received.leaves.find((leaf) => leaf.leafIndex === received.signerLeafIndex);
  if (signer === undefined) refuse("the GroupInfo's signer is not a member");
  const { signature } = received.suite;
  const valid = await verifyGroupInfoSignature(received.groupInfo, signer.signatureKey, signature);
  if (!valid) refuse("the GroupInfo's signature is not valid");
}

function readExtensions(
  suite: CipherSuite,
  { extensions }: GroupInfo,
  use: "external" | "welcome",
) {
  const found = new Map(extensions.map((each) => [each.extensionType, each.extensionData]));
  const encoded = found.get("ratchet_tree");
  const externalKey = found.get("external_pub");
  const callState = found.get(CALL_STATE_TYPE);
  const expected = Number(callState !== undefined) + (use === "external" ? 2 : 1);
  const isComplete = encoded !== undefined && (externalKey !== undefined) === (use === "external");
  if (!isComplete || extensions.length !== expected) {
    refuse("the GroupInfo does not hold one external key and one tree, and nothing else");
  }
  const tree = decodeTree(encoded);
  if (externalKey !== undefined && !suite.kem.isPublicKey(externalKey)) {
    refuse("the GroupInfo's external key is not one");
  }
  if (tree.length > 2 * GROUP_LIMITS.members) refuse("the tree has too many leaves");
  assertTreeShape(suite, tree);
  return { tree, callState, externalKey: externalKey ?? new Uint8Array() };
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
