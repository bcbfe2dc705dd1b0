import { expandWithLabel } from "ts-mls/crypto/kdf.js";
import type { SecretTree, SecretTreeNode } from "ts-mls/secretTree.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { cipherSuite } from "./cipher-suite.ts";
import { isLeafNode, leftOf, rightOf, rootOf } from "./tree-math.ts";

const [LEFT, RIGHT, EMPTY] = [utf8ToBytes("left"), utf8ToBytes("right"), new Uint8Array()];

/**
 * The message ratchets of an epoch (RFC 9420 section 9.1), at the leaves only, and for application
 * messages only, since handshake messages travel in public. The library's own function makes some for
 * the nodes above them too, which nobody uses, and keeps all inner secrets.
 */
export async function createMessageSecrets(
  width: number,
  encryptionSecret: Uint8Array,
): Promise<SecretTree> {
  const { kdf } = cipherSuite();
  const ratchets: SecretTree = [];
  const derive = (secret: Uint8Array, label: string, context: Uint8Array) =>
    expandWithLabel(secret, label, context, kdf.size, kdf);
  const descend = async (node: number, secret: Uint8Array): Promise<void> => {
    if (isLeafNode(node)) {
      ratchets[node] = {
        handshake: ratchet(EMPTY),
        application: ratchet(await derive(secret, "application", EMPTY)),
      };
    } else {
      await descend(leftOf(node), await derive(secret, "tree", LEFT));
      await descend(rightOf(node), await derive(secret, "tree", RIGHT));
    }
    secret.fill(0);
  };
  await descend(rootOf(width), encryptionSecret);
  return ratchets;
}

/** Every secret in it, to be overwritten. */
export function messageSecrets(tree: SecretTree): Uint8Array[] {
  return Object.values(tree).flatMap(({ handshake, application }: SecretTreeNode) =>
    [handshake, application].flatMap(({ secret, unusedGenerations }) => [
      secret,
      ...Object.values(unusedGenerations),
    ]),
  );
}

function ratchet(secret: Uint8Array) {
  return { secret, generation: 0, unusedGenerations: {} };
}
