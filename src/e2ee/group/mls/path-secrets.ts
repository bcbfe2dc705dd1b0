import { deriveSecret } from "ts-mls/crypto/kdf.js";
import { equalBytes } from "../equal-bytes.ts";
import { refuse } from "../group-error.ts";
import type { CipherSuite } from "./cipher-suite.ts";
import type { KeyPair } from "./kem.ts";
import type { PathStep, RatchetTree } from "./ratchet-tree.ts";
import { publicKeyAt } from "./ratchet-tree.ts";

/** Private keys by node index. */
export type NodeKeys = Record<number, Uint8Array>;

/** What a path secret leads to (RFC 9420 section 7.4). */
export interface Climb {
  readonly keys: NodeKeys;
  /** DeriveSecret(path secret of the last node, "path"). */
  readonly commitSecret: Uint8Array;
}

export async function nextPathSecret(
  { kdf }: CipherSuite,
  secret: Uint8Array,
): Promise<Uint8Array> {
  return deriveSecret(secret, "path", kdf);
}

export async function nodeKeyPair(
  { kem, kdf }: CipherSuite,
  pathSecret: Uint8Array,
): Promise<KeyPair> {
  const nodeSecret = await deriveSecret(pathSecret, "node", kdf);
  const pair = await kem.deriveKeyPair(nodeSecret);
  nodeSecret.fill(0);
  return pair;
}

/**
 * From a node's path secret to the root: the private keys of the nodes that the committer set.
 * Throws `GroupError` (`refused`) when one does not belong to the public key in the tree.
 */
export async function climb(
  suite: CipherSuite,
  tree: RatchetTree,
  steps: readonly PathStep[],
  pathSecret: Uint8Array,
): Promise<Climb> {
  const keys: NodeKeys = {};
  let secret = pathSecret;
  for (const { node } of steps) {
    const { privateKey, publicKey } = await nodeKeyPair(suite, secret);
    if (!equalBytes(publicKey, publicKeyAt(tree, node))) {
      refuse("a path secret does not lead to the keys of the path");
    }
    keys[node] = privateKey;
    const next = await nextPathSecret(suite, secret);
    secret.fill(0);
    secret = next;
  }
  return { keys, commitSecret: secret };
}
