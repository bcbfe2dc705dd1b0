import type { Capabilities, ClientConfig, CredentialBasic } from "ts-mls";
import type { LeafNodeCommit } from "ts-mls/leafNode.js";
import { defaultKeyPackageEqualityConfig } from "ts-mls/keyPackageEqualityConfig.js";
import { defaultLifetimeConfig } from "ts-mls/lifetimeConfig.js";
import type { Admission } from "../leaf-identity.ts";
import { encodeLeafIdentity } from "../leaf-identity.ts";
import { cipherSuite, MLS_CIPHER_SUITE, PROTOCOL_VERSION } from "./cipher-suite.ts";

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

export const CAPABILITIES: Capabilities = {
  versions: [PROTOCOL_VERSION],
  ciphersuites: [MLS_CIPHER_SUITE],
  extensions: [],
  proposals: [],
  credentials: ["basic"],
};

export async function generateLeafKeys(): Promise<LeafKeys> {
  return cipherSuite().signature.keygen();
}

/** For another holder, who will overwrite theirs. */
export function copyLeafKeys({ publicKey, signKey }: LeafKeys): LeafKeys {
  return { publicKey, signKey: new Uint8Array(signKey) };
}

export function credentialOf({ participantId, keys, admission }: OwnLeaf): CredentialBasic {
  return {
    credentialType: "basic",
    identity: encodeLeafIdentity(participantId, keys.publicKey, admission),
  };
}

/** A leaf whose keys, parent hash and signature its first commit sets. */
export function leafTemplate(owner: OwnLeaf): LeafNodeCommit {
  return {
    leafNodeSource: "commit",
    hpkePublicKey: new Uint8Array(),
    signaturePublicKey: owner.keys.publicKey,
    credential: credentialOf(owner),
    capabilities: CAPABILITIES,
    extensions: [],
    parentHash: new Uint8Array(),
    signature: new Uint8Array(),
  };
}

/** What the library asks of a client. Trees and credentials are checked by this floor, not by it. */
export const CLIENT_CONFIG: ClientConfig = {
  keyRetentionConfig: {
    retainKeysForEpochs: 4,
    retainKeysForGenerations: 16,
    maximumForwardRatchetSteps: 200,
  },
  lifetimeConfig: defaultLifetimeConfig,
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  paddingConfig: { kind: "padUntilLength", padUntilLength: 0 },
  authService: { validateCredential: async () => false },
};
