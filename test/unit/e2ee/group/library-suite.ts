import { Aes256Gcm, CipherSuite, HkdfSha512 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import type { CiphersuiteImpl } from "ts-mls";
import { getCiphersuiteFromName } from "ts-mls/crypto/ciphersuite.js";
import { makeGenericHpke } from "ts-mls/crypto/implementation/hpke.js";
import { aesGcm } from "../../../../src/e2ee/group/mls/aes-gcm.ts";
import type { LeafKeys } from "../../../../src/e2ee/group/mls/own-leaf.ts";
import { suiteOf } from "../../../../src/e2ee/group/mls/cipher-suite.ts";

/** The suite that a link asks for unless it says otherwise. */
export const SUITE = suiteOf({ signatures: "classical" });

export function generateLeafKeys(): Promise<LeafKeys> {
  return SUITE.signature.keygen();
}

/** Our suite with others' X-Wing and HPKE, for the MLS library's own operations. */
export async function librarySuite(): Promise<CiphersuiteImpl> {
  const algorithms = getCiphersuiteFromName(SUITE.name).hpke;
  const hpke = new CipherSuite({
    kem: new XWing(),
    kdf: new HkdfSha512(),
    aead: new Aes256Gcm(),
  });
  return { ...SUITE, hpke: await makeGenericHpke(algorithms, aesGcm, hpke) };
}
