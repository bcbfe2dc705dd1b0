import type { Capabilities, ClientState, Extension, KeyPackage, LeafNode, Proposal } from "ts-mls";
import { createCommit, joinGroupExternal } from "ts-mls/createCommit.js";
import { createContentCommitSignature } from "ts-mls/framedContent.js";
import { signGroupInfo } from "ts-mls/groupInfo.js";
import type { GroupInfoTBS } from "ts-mls/groupInfo.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import { protectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { defaultLifetime } from "ts-mls/lifetime.js";
import { emptyPskIndex } from "ts-mls/pskIndex.js";
import type { PskIndex } from "ts-mls/pskIndex.js";
import type { Invitation } from "../../../../src/e2ee/invitation/index.ts";
import { decodeGroupInfo } from "../../../../src/e2ee/group/mls/group-info.ts";
import type { LeafKeys } from "../../../../src/e2ee/group/mls/own-leaf.ts";
import type { MlsState } from "../../../../src/e2ee/group/mls/state.ts";
import { encodePublicMessage } from "../../../../src/e2ee/group/mls/wire.ts";
import { enterGroup } from "../../../../src/e2ee/group/transitions.ts";
import { randomId } from "./call-lab.ts";
import { SUITE, TRUSTING, forLibrary, generateLeafKeys, librarySuite } from "./library-suite.ts";

export interface HostileLeaf {
  readonly identity: Uint8Array;
  readonly keys: LeafKeys;
  readonly extensions?: Extension[];
  readonly capabilities?: Partial<Capabilities>;
  /** Which leaf the same commit removes. */
  readonly replaces?: (leaf: LeafNode) => boolean;
}

/** An external commit with whatever leaf the caller wants. */
export async function joinHostile(groupInfo: Uint8Array, leaf: HostileLeaf): Promise<Uint8Array> {
  const { replaces } = leaf;
  const { publicMessage } = await joinGroupExternal(
    decodeGroupInfo(SUITE, groupInfo).groupInfo,
    {
      version: "mls10",
      cipherSuite: SUITE.name,
      initKey: new Uint8Array(),
      leafNode: hostileLeafNode(leaf),
      extensions: [],
      signature: new Uint8Array(),
    },
    {
      initPrivateKey: new Uint8Array(),
      hpkePrivateKey: new Uint8Array(),
      signaturePrivateKey: leaf.keys.signKey,
    },
    replaces !== undefined,
    await librarySuite(),
    undefined,
    {
      ...TRUSTING,
      keyPackageEqualityConfig: {
        compareKeyPackages: () => false,
        compareKeyPackageToLeafNode: (_, each) => replaces?.(each) ?? false,
      },
    },
  );
  return encodePublicMessage(publicMessage);
}

function hostileLeafNode({
  identity,
  keys,
  extensions = [],
  capabilities,
}: HostileLeaf): KeyPackage["leafNode"] {
  return {
    leafNodeSource: "key_package" as const,
    hpkePublicKey: new Uint8Array(),
    signaturePublicKey: keys.publicKey,
    credential: { credentialType: "basic" as const, identity },
    capabilities: {
      versions: ["mls10" as const],
      ciphersuites: [SUITE.name],
      extensions: extensions.map(({ extensionType }) => Number(extensionType)),
      proposals: [],
      credentials: ["basic" as const],
      ...capabilities,
    },
    lifetime: defaultLifetime,
    extensions,
    signature: new Uint8Array(),
  };
}

/** A member by the rules, whose state the test may then misuse. */
export async function enterAsInsider(invitation: Invitation, groupInfo: Uint8Array) {
  const keys = await generateLeafKeys();
  const own = { suite: SUITE, participantId: randomId(), keys };
  const { commit, next: standing } = await enterGroup(own, invitation, groupInfo);
  return { commit, state: standing.state, standing, own };
}

/** A member's commit with whatever proposals the caller wants. */
export async function commitHostile(
  state: MlsState | ClientState,
  proposals: Proposal[],
  pskIndex: PskIndex = emptyPskIndex,
): Promise<Uint8Array> {
  const { commit } = await createCommit(
    {
      state: "clientConfig" in state ? state : forLibrary(state),
      cipherSuite: await librarySuite(),
      pskIndex,
    },
    { wireAsPublicMessage: true, extraProposals: proposals },
  );
  return encodeMlsMessage(commit);
}

/** A properly signed commit of removals that carries no path. */
export async function commitWithoutPath(state: MlsState, removed: number): Promise<Uint8Array> {
  const suite = await librarySuite();
  const proposal = { proposalType: "remove", remove: { removed } } as const;
  const { framedContent, signature } = await createContentCommitSignature(
    state.groupContext,
    "mls_public_message",
    { proposals: [{ proposalOrRefType: "proposal", proposal }], path: undefined },
    { senderType: "member", leafIndex: state.privatePath.leafIndex },
    new Uint8Array(),
    state.signaturePrivateKey,
    suite.signature,
  );
  const auth = { contentType: "commit", signature, confirmationTag: new Uint8Array(64) } as const;
  const message = await protectPublicMessage(
    state.keySchedule.membershipKey,
    state.groupContext,
    { wireformat: "mls_public_message", content: framedContent, auth },
    suite,
  );
  return encodePublicMessage(message);
}

/** The GroupInfo with some of it changed, signed by `signer`. */
export async function alterGroupInfo(
  groupInfo: Uint8Array,
  signKey: Uint8Array,
  alter: (info: GroupInfoTBS) => Partial<GroupInfoTBS>,
): Promise<Uint8Array> {
  const original = decodeGroupInfo(SUITE, groupInfo).groupInfo;
  const { signature } = await librarySuite();
  const altered = await signGroupInfo({ ...original, ...alter(original) }, signKey, signature);
  return encodeMlsMessage({ version: "mls10", wireformat: "mls_group_info", groupInfo: altered });
}
