import { expandWithLabel } from "ts-mls/crypto/kdf.js";
import type { SecretTree, SecretTreeNode } from "ts-mls/secretTree.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { CipherSuite } from "./cipher-suite.ts";
import { directPath, leftOf, nodeOfLeaf, rightOf, rootOf } from "./tree-math.ts";

const [LEFT, RIGHT, EMPTY] = [utf8ToBytes("left"), utf8ToBytes("right"), new Uint8Array()];

/**
 * The message secrets of an epoch (RFC 9420 section 9). Most members never say a word in an epoch,
 * so that a leaf's ratchet is made when it is asked for. What it was made from is overwritten then;
 * the secrets beside the way stay for the others, as section 9.2 has it.
 */
export interface MessageSecrets {
  /** Ratchets by node, at leaves that were reached, and for application messages only. */
  readonly secretTree: SecretTree;
  /** Secrets by node; whoever is below was not reached yet. Changed in place. */
  readonly unreached: Map<number, Uint8Array>;
}

/** Takes charge of the encryption secret. */
export function createMessageSecrets(width: number, encryptionSecret: Uint8Array): MessageSecrets {
  return { secretTree: [], unreached: new Map([[rootOf(width), encryptionSecret]]) };
}

/** Makes the ratchet of the leaf, in place. Does nothing for one that the tree does not have. */
export async function reachLeaf(
  { kdf }: CipherSuite,
  { secretTree, unreached }: MessageSecrets,
  leafIndex: number,
  width: number,
): Promise<void> {
  const leaf = nodeOfLeaf(leafIndex);
  if (leaf >= width) return;
  const way = [leaf, ...directPath(leafIndex, width)];
  const start = way.findIndex((node) => unreached.has(node));
  for (const node of way.slice(0, start + 1).reverse()) {
    const secret = unreached.get(node);
    if (secret === undefined) return;
    unreached.delete(node);
    if (node === leaf) {
      secretTree[leaf] = {
        // Handshake messages travel in public.
        handshake: ratchet(EMPTY),
        application: ratchet(await derive(kdf, secret, "application", EMPTY)),
      };
    } else {
      unreached.set(leftOf(node), await derive(kdf, secret, "tree", LEFT));
      unreached.set(rightOf(node), await derive(kdf, secret, "tree", RIGHT));
    }
    secret.fill(0);
  }
}

/** Every secret in them, to be overwritten. */
export function allSecrets({ secretTree, unreached }: MessageSecrets): Uint8Array[] {
  const ratchets = Object.values(secretTree).flatMap(({ application }: SecretTreeNode) => [
    application.secret,
    ...Object.values(application.unusedGenerations),
  ]);
  return [...ratchets, ...unreached.values()];
}

function derive(
  kdf: CipherSuite["kdf"],
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
): Promise<Uint8Array> {
  return expandWithLabel(secret, label, context, kdf.size, kdf);
}

function ratchet(secret: Uint8Array) {
  return { secret, generation: 0, unusedGenerations: {} };
}
