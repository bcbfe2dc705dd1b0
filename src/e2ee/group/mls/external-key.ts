import { utf8ToBytes } from "@noble/hashes/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { exportTo, exportWith } from "./hpke.ts";
import type { MlsState } from "./state.ts";
import { deriveKeyPair, derivePrivateKey } from "./x-wing.ts";

/** A newcomer's way to a first shared secret (RFC 9420 section 8.3). */
const CONTEXT = utf8ToBytes("MLS 1.0 external init secret");

export async function externalPublicKey({ keySchedule }: MlsState): Promise<Uint8Array> {
  const { privateKey, publicKey } = await deriveKeyPair(keySchedule.externalSecret);
  privateKey.fill(0);
  return publicKey;
}

/** Both `kemOutput` for the members, and the init secret that they get from it. */
export function makeInitSecret(externalKey: Uint8Array) {
  return exportTo(externalKey, CONTEXT, sha512.outputLen);
}

export async function openInitSecret(
  { keySchedule }: MlsState,
  kemOutput: Uint8Array,
): Promise<Uint8Array> {
  const privateKey = derivePrivateKey(keySchedule.externalSecret);
  try {
    return await exportWith(privateKey, kemOutput, CONTEXT, sha512.outputLen);
  } finally {
    privateKey.fill(0);
  }
}
