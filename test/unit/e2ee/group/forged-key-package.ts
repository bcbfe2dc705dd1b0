import type { KeyPackage } from "ts-mls";
import { signKeyPackage } from "ts-mls/keyPackage.js";
import { signLeafNodeKeyPackage } from "ts-mls/leafNode.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import { makeKeyPackage } from "../../../../src/e2ee/group/mls/key-package.ts";
import type { OwnLeaf } from "../../../../src/e2ee/group/mls/own-leaf.ts";
import { SUITE } from "./library-suite.ts";

export interface KeyPackageChanges {
  readonly initKey?: Uint8Array;
  readonly hpkePublicKey?: Uint8Array;
  readonly lifetime?: { readonly notBefore: bigint; readonly notAfter: bigint };
}

/** A KeyPackage with whatever its owner wants in it, properly signed. */
export async function forgeKeyPackage(
  owner: OwnLeaf,
  { initKey, ...leaf }: KeyPackageChanges,
): Promise<{ keyPackage: KeyPackage; encoded: Uint8Array }> {
  const { signature } = SUITE;
  const { signKey } = owner.keys;
  const { keyPackage: honest } = (await makeKeyPackage(owner, Date.now())).secrets;
  const leafNode = await signLeafNodeKeyPackage(
    { ...honest.leafNode, ...leaf },
    signKey,
    signature,
  );
  const tbs = { ...honest, leafNode, initKey: initKey ?? honest.initKey };
  const keyPackage = await signKeyPackage(tbs, signKey, signature);
  const message = { version: "mls10", wireformat: "mls_key_package", keyPackage } as const;
  return { keyPackage, encoded: encodeMlsMessage(message) };
}
