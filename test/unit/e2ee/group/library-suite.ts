import { Aes256Gcm, CipherSuite, HkdfSha512 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import type { CiphersuiteImpl } from "ts-mls";
import { getCiphersuiteFromName } from "ts-mls/crypto/ciphersuite.js";
import { makeGenericHpke } from "ts-mls/crypto/implementation/hpke.js";
import { aes256Gcm } from "../../../../src/e2ee/group/mls/aes-gcm.ts";
import { cipherSuite, MLS_CIPHER_SUITE } from "../../../../src/e2ee/group/mls/cipher-suite.ts";

/** Our suite with others' X-Wing and HPKE, for the MLS library's own operations. */
export async function librarySuite(): Promise<CiphersuiteImpl> {
  const algorithms = getCiphersuiteFromName(MLS_CIPHER_SUITE).hpke;
  const hpke = new CipherSuite({
    kem: new XWing(),
    kdf: new HkdfSha512(),
    aead: new Aes256Gcm(),
  });
  return { ...cipherSuite(), hpke: await makeGenericHpke(algorithms, aes256Gcm, hpke) };
}
