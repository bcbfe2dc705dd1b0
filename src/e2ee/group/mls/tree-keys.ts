import { toBase64Url } from "../../../lib/base64url.ts";
import { refuse } from "../group-error.ts";
import type { RatchetTree } from "./ratchet-tree.ts";
import { leafAt, parentAt } from "./ratchet-tree.ts";

/** Random keys of this many equal bytes are the same key: whoever makes such is refused. */
const KEY_NAME_BYTES = 16;

/** By which keys are told apart. */
export function nameOfKey(key: Uint8Array): string {
  return toBase64Url(key.subarray(0, KEY_NAME_BYTES));
}

/**
 * The names of all keys that are sealed to in the tree. A key stands in one node only, leaf or
 * parent (RFC 9420 sections 7.3 and 12.4.3.1): with one twice, what is sealed to a node would open
 * below another, and a tree that a newcomer refuses would keep everybody out. Throws `GroupError`
 * (`refused`).
 */
export function distinctKeys(tree: RatchetTree): Set<string> {
  const names = new Set<string>();
  for (const node of tree.keys()) {
    const key = leafAt(tree, node / 2)?.hpkePublicKey ?? parentAt(tree, node)?.hpkePublicKey;
    if (key === undefined) continue;
    const name = nameOfKey(key);
    if (names.has(name)) refuse("the tree holds a key twice");
    names.add(name);
  }
  return names;
}
