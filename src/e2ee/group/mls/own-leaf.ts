import type { Capabilities, CredentialBasic } from "ts-mls";
import type { LeafNodeCommit } from "ts-mls/leafNode.js";
import type { Admission } from "../leaf-identity.ts";
import { encodeLeafIdentity } from "../leaf-identity.ts";
import type { CipherSuite } from "./cipher-suite.ts";
import { PROTOCOL_VERSION } from "./cipher-suite.ts";

/** A leaf's signature key pair, as the suite's scheme has it. */
export interface LeafKeys {
  readonly publicKey: Uint8Array;
  readonly signKey: Uint8Array;
}

/** Whose leaf it is, and how it proves that it may be there. */
export interface OwnLeaf {
  readonly suite: CipherSuite;
  readonly participantId: string;
  readonly keys: LeafKeys;
  readonly admission: Admission;
}

export function capabilitiesOf({ name }: CipherSuite): Capabilities {
  return {
    versions: [PROTOCOL_VERSION],
    ciphersuites: [name],
    extensions: [],
    proposals: [],
    credentials: ["basic"],
  };
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
    capabilities: capabilitiesOf(owner.suite),
    extensions: [],
    parentHash: new Uint8Array(),
    signature: new Uint8Array(),
  };
}
