import type {
  Capabilities,
  CiphersuiteImpl,
  ClientConfig,
  CredentialBasic,
  KeyPackage,
  PrivateMessage,
  Proposal,
} from "ts-mls";
import { createGroup } from "ts-mls/clientState.js";
import { createCommit, joinGroupExternal } from "ts-mls/createCommit.js";
import { createApplicationMessage } from "ts-mls/createMessage.js";
import { generateKeyPackageWithKey } from "ts-mls/keyPackage.js";
import { defaultKeyPackageEqualityConfig } from "ts-mls/keyPackageEqualityConfig.js";
import { mlsExporter } from "ts-mls/keySchedule.js";
import { defaultLifetime } from "ts-mls/lifetime.js";
import { defaultLifetimeConfig } from "ts-mls/lifetimeConfig.js";
import { unprotectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { decryptSenderData } from "ts-mls/privateMessage.js";
import { processPrivateMessage, processPublicMessage } from "ts-mls/processMessages.js";
import { emptyPskIndex } from "ts-mls/pskIndex.js";
import { refuse } from "../group-error.ts";
import type { Admission } from "../leaf-identity.ts";
import { encodeLeafIdentity, verifyLeafIdentity } from "../leaf-identity.ts";
import { cipherSuite, PROTOCOL_VERSION, MLS_CIPHER_SUITE } from "./cipher-suite.ts";
import type { ReceivedGroupInfo } from "./group-info.ts";
import { refreshLoneMember } from "./lone-member.ts";
import type { MlsState } from "./state.ts";
import { wipe } from "./state.ts";
import type { ReceivedCommit, ReceivedMessage } from "./wire.ts";
import { encodePrivateMessage, encodePublicMessage } from "./wire.ts";

/** A leaf's Ed25519 key pair; the private key is PKCS #8. */
export interface LeafKeys {
  readonly publicKey: Uint8Array;
  readonly signKey: Uint8Array;
}

/** Whose leaf it is, and how it proves that it may be there. */
export interface OwnLeaf {
  readonly participantId: string;
  readonly keys: LeafKeys;
  readonly admission: Admission;
}

/** A commit that was made, and the state once the delivery service has accepted it. */
export interface MadeCommit {
  readonly commit: Uint8Array;
  readonly next: MlsState;
}

const CAPABILITIES: Capabilities = {
  versions: [PROTOCOL_VERSION],
  ciphersuites: [MLS_CIPHER_SUITE],
  extensions: [],
  proposals: [],
  credentials: ["basic"],
};

const MIN_PADDED_BYTES = 256;
const PADDING_STEP_BYTES = 4_096;
/** The signature and the fields that are sealed beside the data. */
const SEALED_EXTRA_BYTES = 80;

export async function generateLeafKeys(): Promise<LeafKeys> {
  return (await cipherSuite()).signature.keygen();
}

export async function createMlsGroup(groupId: Uint8Array, owner: OwnLeaf): Promise<MlsState> {
  const suite = await cipherSuite();
  const { publicPackage, privatePackage } = await generateKeyPackageWithKey(
    credential(owner),
    CAPABILITIES,
    defaultLifetime,
    [],
    owner.keys,
    suite,
  );
  const config = clientConfig(owner.admission);
  return createGroup(groupId, publicPackage, privatePackage, [], suite, config);
}

/**
 * An external commit (RFC 9420 section 12.4.3.2). `replacesOwnLeaf` removes the leaf with the same
 * signature key in the same commit; the caller makes sure that there is one, for the library would
 * search without end.
 */
export async function joinExternally(
  { groupInfo }: ReceivedGroupInfo,
  owner: OwnLeaf,
  replacesOwnLeaf: boolean,
): Promise<MadeCommit> {
  const suite = await cipherSuite();
  const { publicMessage, newState } = await joinGroupExternal(
    groupInfo,
    leafTemplate(owner),
    {
      initPrivateKey: new Uint8Array(),
      hpkePrivateKey: new Uint8Array(),
      signaturePrivateKey: owner.keys.signKey,
    },
    replacesOwnLeaf,
    suite,
    undefined,
    clientConfig(owner.admission),
  );
  return { commit: encodePublicMessage(publicMessage), next: newState };
}

/** Removes the leaves, or only updates the own one if there are none to remove. */
export async function makeCommit(
  state: MlsState,
  removedLeaves: readonly number[],
): Promise<MadeCommit> {
  const suite = await cipherSuite();
  const extraProposals = removedLeaves.map((removed): Proposal => {
    return { proposalType: "remove", remove: { removed } };
  });
  const { commit, newState } = await createCommit(
    { state, cipherSuite: suite, pskIndex: emptyPskIndex },
    { wireAsPublicMessage: true, extraProposals },
  );
  if (
    commit.wireformat !== "mls_public_message" ||
    commit.publicMessage.content.contentType !== "commit" ||
    commit.publicMessage.content.commit.path === undefined
  ) {
    // Without a path, whom it removes would derive the next secrets. Another release of the library
    // made such commits.
    throw new Error("the MLS library made a commit without a path");
  }
  const next = await refreshLoneMember(newState, suite);
  return { commit: encodePublicMessage(commit.publicMessage), next };
}

/** Throws the library's errors when the commit is not valid at this state. */
export async function applyCommit(state: MlsState, { message }: ReceivedCommit): Promise<MlsState> {
  const suite = await cipherSuite();
  const { newState } = await processPublicMessage(state, message, emptyPskIndex, suite);
  return newState;
}

/**
 * Checks only that the commit is by whom it says: signature and, of a member, membership tag. That
 * is all that a member whom it shuts out can check. Throws the library's errors.
 */
export async function authenticateCommit(
  state: MlsState,
  { message }: ReceivedCommit,
): Promise<void> {
  const { membershipKey } = state.keySchedule;
  const suite = await cipherSuite();
  await unprotectPublicMessage(
    membershipKey,
    state.groupContext,
    state.ratchetTree,
    message,
    suite,
  );
}

/** The message, and the state with the sending ratchet moved on. */
export async function sealData(
  state: MlsState,
  data: Uint8Array,
): Promise<{ message: Uint8Array; next: MlsState }> {
  const padUntilLength = paddedLength(data.length + SEALED_EXTRA_BYTES);
  const paddingConfig = { kind: "padUntilLength", padUntilLength } as const;
  const padding = { ...state, clientConfig: { ...state.clientConfig, paddingConfig } };
  const { newState, privateMessage, consumed } = await createApplicationMessage(
    padding,
    data,
    await cipherSuite(),
  );
  wipe(consumed);
  return { message: encodePrivateMessage(privateMessage), next: newState };
}

export interface OpenedData {
  readonly data: Uint8Array;
  /** The signature key of the sender's leaf in the message's epoch, with which it was checked. */
  readonly senderKey: Uint8Array;
  /** The state with the sender's ratchet moved on. */
  readonly next: MlsState;
}

/** Opens a message of this epoch or a kept one. Throws the library's errors, and `refused`. */
export async function openData(state: MlsState, { message }: ReceivedMessage): Promise<OpenedData> {
  const suite = await cipherSuite();
  const senderKey = await findSenderKey(state, message, suite);
  const result = await processPrivateMessage(state, message, emptyPskIndex, suite);
  if (result.kind !== "applicationMessage") refuse("not an application message");
  wipe(result.consumed);
  return { data: result.message, senderKey, next: result.newState };
}

/** The library checks the signature with this very key, but does not say whose it was. */
async function findSenderKey(
  state: MlsState,
  message: PrivateMessage,
  suite: CiphersuiteImpl,
): Promise<Uint8Array> {
  const past = state.historicalReceiverData.get(message.epoch);
  const secret = (past ?? state.keySchedule).senderDataSecret;
  const sender = await decryptSenderData(message, secret, suite);
  const node = sender && (past ?? state).ratchetTree[2 * sender.leafIndex];
  if (node?.nodeType !== "leaf") refuse("the message's sender is not in the tree");
  return node.leaf.signaturePublicKey;
}

/** MLS-Exporter (RFC 9420 section 8.5) with an empty context. */
export async function exportSecret(
  state: MlsState,
  label: string,
  lengthBytes: number,
): Promise<Uint8Array> {
  const { exporterSecret } = state.keySchedule;
  return mlsExporter(exporterSecret, label, new Uint8Array(), lengthBytes, await cipherSuite());
}

/**
 * What `joinGroupExternal` reads of a KeyPackage: the leaf's owner and capabilities. Its keys and
 * signatures never leave the function, for the commit's path makes them anew, so that none is made.
 */
function leafTemplate(owner: OwnLeaf): KeyPackage {
  return {
    version: PROTOCOL_VERSION,
    cipherSuite: MLS_CIPHER_SUITE,
    initKey: new Uint8Array(),
    leafNode: {
      leafNodeSource: "key_package",
      hpkePublicKey: new Uint8Array(),
      signaturePublicKey: owner.keys.publicKey,
      credential: credential(owner),
      capabilities: CAPABILITIES,
      lifetime: defaultLifetime,
      extensions: [],
      signature: new Uint8Array(),
    },
    extensions: [],
    signature: new Uint8Array(),
  };
}

function credential({ participantId, keys, admission }: OwnLeaf): CredentialBasic {
  return {
    credentialType: "basic",
    identity: encodeLeafIdentity(participantId, keys.publicKey, admission),
  };
}

function clientConfig(admission: Admission): ClientConfig {
  return {
    keyRetentionConfig: {
      retainKeysForEpochs: 4,
      retainKeysForGenerations: 16,
      maximumForwardRatchetSteps: 200,
    },
    lifetimeConfig: defaultLifetimeConfig,
    keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
    paddingConfig: { kind: "padUntilLength", padUntilLength: MIN_PADDED_BYTES },
    authService: {
      validateCredential: async (candidate, signatureKey) =>
        candidate.credentialType === "basic" &&
        verifyLeafIdentity(candidate.identity, signatureKey, admission) !== undefined,
    },
  };
}

/** Powers of two up to 4 KiB, then steps of that, so that a length tells little of the content. */
function paddedLength(length: number): number {
  let padded = MIN_PADDED_BYTES;
  while (padded < length) padded += Math.min(padded, PADDING_STEP_BYTES);
  return padded;
}
