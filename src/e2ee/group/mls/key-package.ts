import type { KeyPackage } from "ts-mls";
import { signLeafNodeKeyPackage } from "ts-mls/leafNode.js";
import { signKeyPackage, verifyKeyPackage } from "ts-mls/keyPackage.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import { equalBytes } from "../equal-bytes.ts";
import { refuse } from "../group-error.ts";
import { GROUP_LIMITS } from "../group-limits.ts";
import type { CipherSuite } from "./cipher-suite.ts";
import { PROTOCOL_VERSION } from "./cipher-suite.ts";
import type { OwnLeaf } from "./own-leaf.ts";
import { capabilitiesOf, credentialOf } from "./own-leaf.ts";
import { verifyLeafSignature } from "./tree-validation.ts";
import { decodeCanonical } from "./wire.ts";

/** Clocks of members may differ by this much. */
const CLOCK_SKEW_S = 300;
/** No KeyPackage holds for longer (RFC 9420 section 7.2), whatever its maker says. */
const MAX_LIFETIME_S = BigInt(2 * CLOCK_SKEW_S);

/** What the maker of a KeyPackage keeps until the Welcome comes; it serves once. */
export interface KeyPackageSecrets {
  readonly keyPackage: KeyPackage;
  readonly initKey: Uint8Array;
  readonly leafKey: Uint8Array;
}

/** With which a member can add its maker (RFC 9420 section 10), for a few minutes. */
export async function makeKeyPackage(
  owner: OwnLeaf,
  nowMs: number,
): Promise<{ encoded: Uint8Array; secrets: KeyPackageSecrets }> {
  const { suite } = owner;
  const { rng, kdf, kem, signature } = suite;
  const [init, leaf] = await Promise.all([
    kem.deriveKeyPair(rng.randomBytes(kdf.size)),
    kem.deriveKeyPair(rng.randomBytes(kdf.size)),
  ]);
  const nowS = BigInt(Math.floor(nowMs / 1_000));
  const { signKey, publicKey } = owner.keys;
  const leafNode = await signLeafNodeKeyPackage(
    {
      leafNodeSource: "key_package",
      hpkePublicKey: leaf.publicKey,
      signaturePublicKey: publicKey,
      credential: credentialOf(owner),
      capabilities: capabilitiesOf(suite),
      lifetime: { notBefore: nowS - BigInt(CLOCK_SKEW_S), notAfter: nowS + BigInt(CLOCK_SKEW_S) },
      extensions: [],
    },
    signKey,
    signature,
  );
  const tbs = {
    version: PROTOCOL_VERSION,
    cipherSuite: suite.name,
    initKey: init.publicKey,
    leafNode,
    extensions: [],
  } as const;
  const keyPackage = await signKeyPackage({ ...tbs, extensions: [] }, signKey, signature);
  return {
    encoded: encodeMlsMessage({
      version: PROTOCOL_VERSION,
      wireformat: "mls_key_package",
      keyPackage,
    }),
    secrets: { keyPackage, initKey: init.privateKey, leafKey: leaf.privateKey },
  };
}

/** Throws `GroupError` (`refused`). Nothing of it is checked yet. */
export function decodeKeyPackage(bytes: Uint8Array): KeyPackage {
  const decoded = decodeCanonical(bytes, GROUP_LIMITS.keyPackageBytes);
  if (decoded.wireformat !== "mls_key_package") refuse("not an MLS KeyPackage");
  return decoded.keyPackage;
}

/**
 * What every member checks of a KeyPackage in an Add (RFC 9420 section 10.1), but for the leaf's
 * proof, which is the policy's, and its lifetime. Throws `GroupError` (`refused`).
 */
export async function verifyAdded(suite: CipherSuite, keyPackage: KeyPackage): Promise<void> {
  const { version, cipherSuite: suiteName, initKey, leafNode, extensions } = keyPackage;
  if (version !== PROTOCOL_VERSION || suiteName !== suite.name) {
    refuse("the KeyPackage is of another version or cipher suite");
  }
  if (extensions.length > 0) refuse("the KeyPackage has extensions");
  if (!suite.kem.isPublicKey(initKey)) refuse("the KeyPackage holds a key that is not one");
  if (equalBytes(initKey, leafNode.hpkePublicKey)) refuse("the KeyPackage uses one key twice");
  if (!(await verifyKeyPackage(keyPackage, suite.signature))) {
    refuse("the KeyPackage's signature is not valid");
  }
  await verifyLeafSignature(suite, leafNode, 0, new Uint8Array());
}

/**
 * Whether the KeyPackage was made for now: only the committer asks, since the others' clocks may
 * disagree. It keeps a server from bringing back, by an old one, somebody who has left.
 */
export function isTimely({ leafNode }: KeyPackage, nowMs: number): boolean {
  const nowS = BigInt(Math.floor(nowMs / 1_000));
  const { notBefore, notAfter } = leafNode.lifetime;
  return notBefore <= nowS && nowS <= notAfter && notAfter - notBefore <= MAX_LIFETIME_S;
}
