import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { CipherSuite } from "./cipher-suite.ts";
import type { MlsState } from "./state.ts";

/** A newcomer's way to a first shared secret (RFC 9420 section 8.3). */
const CONTEXT = utf8ToBytes("MLS 1.0 external init secret");

export async function externalPublicKey({ suite, keySchedule }: MlsState): Promise<Uint8Array> {
  const { privateKey, publicKey } = await suite.kem.deriveKeyPair(keySchedule.externalSecret);
  privateKey.fill(0);
  return publicKey;
}

/** Both `kemOutput` for the members, and the init secret that they get from it. */
export function makeInitSecret({ sealing, kdf }: CipherSuite, externalKey: Uint8Array) {
  return sealing.exportTo(externalKey, CONTEXT, kdf.size);
}

export async function openInitSecret(
  { suite, keySchedule }: MlsState,
  kemOutput: Uint8Array,
): Promise<Uint8Array> {
  const privateKey = await suite.kem.derivePrivateKey(keySchedule.externalSecret);
  try {
    return await suite.sealing.exportWith(privateKey, kemOutput, CONTEXT, suite.kdf.size);
  } finally {
    privateKey.fill(0);
  }
}
